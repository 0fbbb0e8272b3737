package retention

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"
)

// Memory is what a node remembers of tasks between requests.
type Memory interface {
	// Trim forgets what is no longer kept.
	Trim(ctx context.Context) error
}

// Meter is told what is deleted, for metrics. Methods must not block.
type Meter interface {
	Deleted(Deleted)
	// Swept says that everything due was deleted at a time, and when the
	// oldest message still kept was accepted; the zero time when there is none.
	Swept(at, oldest time.Time)
	// Failed says that something due is still there.
	Failed()
}

// Deps is what a Service works with. All fields but Memory and Meter are
// required.
type Deps struct {
	Store  Store
	Memory Memory
	Meter  Meter
	Log    *slog.Logger
	Now    func() time.Time
}

// Service deletes what has been kept long enough.
type Service struct {
	deps Deps
	node string // whose lease it is
}

// New returns a Service that deletes nothing before Run or Sweep.
func New(d Deps) *Service {
	if d.Memory == nil {
		d.Memory = nothing{}
	}
	if d.Meter == nil {
		d.Meter = nothing{}
	}
	return &Service{deps: d, node: rand.Text()}
}

type nothing struct{}

func (nothing) Trim(context.Context) error { return nil }
func (nothing) Deleted(Deleted)            {}
func (nothing) Swept(_, _ time.Time)       {}
func (nothing) Failed()                    {}
