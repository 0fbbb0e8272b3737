package bus

// Hear gives a Bus a payload as its transport would.
func (b *Bus) Hear(payload string) { b.hear(payload) }

// MaxPayload and MaxWaiting are the bounds of what is sent and of what waits.
const (
	MaxPayload = maxPayload
	MaxWaiting = maxWaiting
)
