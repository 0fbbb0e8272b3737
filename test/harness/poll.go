package harness

import (
	"errors"
	"time"
)

// ErrLate says that what was waited for did not happen in time.
var ErrLate = errors.New("not within the time given")

// Poll asks until done says so or fails. Another process gives no signal that
// could be waited for, so this asks again after a pause; nothing is concluded
// from the length of the pause.
func Poll(within time.Duration, done func() (bool, error)) error {
	const pause = 20 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for deadline := time.Now().Add(within); ; <-tick.C {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return ErrLate
		}
	}
}
