package media

import (
	"sync"

	"github.com/tidings-im/tidings/internal/fault"
)

// uploadsAtOnce is how many uploads of one organization are under way at a
// time: each has up to 20 MiB in a temporary file.
const uploadsAtOnce = 32

// UnderWay counts the uploads under way, by organization. Its zero value counts none.
type UnderWay struct {
	mu sync.Mutex
	of map[int64]int
}

// Begin counts one in until end is called. CodeBusy when there are as many as
// may be.
func (u *UnderWay) Begin(organization int64) (end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[organization] == uploadsAtOnce {
		return nil, fault.New(fault.CodeBusy, "%d uploads of the organization are under way, the limit is %d", uploadsAtOnce, uploadsAtOnce)
	}
	if u.of == nil {
		u.of = map[int64]int{}
	}
	u.of[organization]++
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.of[organization]--; u.of[organization] == 0 {
			delete(u.of, organization)
		}
	}, nil
}
