package live

import (
	"fmt"
	"runtime/debug"
)

// guarded turns a panic of work into its error: a goroutine of the hub serves
// many, and one event that cannot be told must not end the process.
func guarded(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work()
}
