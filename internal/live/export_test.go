package live

// Remembered returns how many tasks have content between the database and a
// socket.
func (h *Hub) Remembered(organization int64) int {
	f := h.feed(organization)
	f.guards.mu.Lock()
	defer f.guards.mu.Unlock()
	return len(f.guards.tasks) + len(f.guards.readings)
}
