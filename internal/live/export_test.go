package live

// Remembered returns how many tasks have content between the database and a
// socket.
func (h *Hub) Remembered(organization int64) int {
	f := h.feed(organization)
	f.fates.mu.Lock()
	defer f.fates.mu.Unlock()
	return len(f.fates.tasks) + len(f.fates.readings)
}
