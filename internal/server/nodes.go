package server

import (
	"context"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/bus"
	"github.com/tidings-im/tidings/internal/bus/postgres"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/live"
)

// openBus returns what tells other nodes, or nil where there are none or they
// are not to be told.
func openBus(c config.Config, s *services, o Options, m *metrics) (*bus.Bus, error) {
	if _, onSQLite := c.SQLite(); onSQLite || !c.Hints {
		return nil, nil
	}
	transport, err := postgres.New(c.Database)
	if err != nil {
		return nil, err
	}
	b := bus.New(transport, ears{s}, o.Log, o.Now)
	count := func(name, help string, read func(bus.Stats) int64) {
		m.counter(name, help, func() float64 { return float64(read(b.Stats())) })
	}
	count("tidings_hints_sent_total", "Hints sent to other nodes, each about many things.", func(s bus.Stats) int64 { return s.Sent })
	count("tidings_hints_received_total", "Hints received from other nodes.", func(s bus.Stats) int64 { return s.Received })
	count("tidings_hints_failed_total", "Hints not sent or not understood, and connections lost.", func(s bus.Stats) int64 { return s.Failed })
	m.gauge("tidings_hints_connected", "1 while hints of other nodes are heard. Without them everything is found within a second.", func() float64 {
		if b.Stats().Connected {
			return 1
		}
		return 0
	})
	m.gauge("tidings_hints_caught_up_seconds", "When everything was looked at last because hints may have been missed, in unix seconds; 0 for never.", func() float64 {
		at := b.Stats().CaughtUp
		if at.IsZero() {
			return 0
		}
		return float64(at.UnixMilli()) / float64(time.Second/time.Millisecond)
	})
	return b, nil
}

// hints tells of what this node has done: its own connections at once, other
// nodes if there are any.
type hints struct {
	hub *live.Hub
	bus *bus.Bus // nil: there are none
}

func (h hints) Committed(organization, revision int64) {
	h.hub.Committed(organization, revision)
	if h.bus != nil {
		h.bus.Committed(organization, revision)
	}
}

func (h hints) Recalled(organization, taskID int64) {
	h.hub.Recalled(organization, taskID)
	if h.bus != nil {
		h.bus.Recalled(organization, taskID)
	}
}

func (h hints) Read(organization int64, ordinals []uint32) {
	h.hub.Read(organization, ordinals)
	if h.bus != nil {
		h.bus.Read(organization, ordinals)
	}
}

// ears hear what other nodes have done.
type ears struct{ *services }

func (e ears) Committed(organization, revision int64) { e.hub.Committed(organization, revision) }

func (e ears) Recalled(organization, taskID int64) { e.hub.Recalled(organization, taskID) }

func (e ears) ReadElsewhere(organization int64, ordinals []uint32) {
	e.hub.ReadElsewhere(organization, ordinals)
}

func (e ears) DirectoryMoved(organization int64) { e.Directory.Moved(organization) }

func (e ears) CredentialsMoved() {
	e.Apps.Look()
	e.Accounts.Look()
}

func (e ears) Look() {
	e.hub.Look()
	e.Directory.Look()
	e.CredentialsMoved()
}

// follow keeps up with other nodes until ctx ends.
func (s *services) follow(ctx context.Context, running *sync.WaitGroup) {
	if s.bus != nil {
		running.Go(func() { s.bus.Run(ctx) })
	}
	if others := s.db.RecentReads(); others != nil {
		running.Go(func() { s.inbox.Follow(ctx, others, s.hub) })
	}
}
