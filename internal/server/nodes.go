package server

import (
	"time"

	"github.com/tidings-im/tidings/internal/bus"
	"github.com/tidings-im/tidings/internal/bus/postgres"
	"github.com/tidings-im/tidings/internal/config"
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
	b := bus.New(bus.Deps{Transport: transport, Events: remoteEvents{s}, Log: o.Log, Now: o.Now})
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
// nodes if there are any. It looks for the hub and the bus when it is told
// something, since both need rooms that have their hints before.
type hints struct{ *services }

func (h hints) Committed(organization, revision int64) {
	h.hub.Committed(organization, revision)
	h.consoles.Committed(organization)
	if h.bus != nil {
		h.bus.Committed(organization, revision)
	}
}

func (h hints) Recalled(organization, taskID int64) {
	h.hub.Recalled(organization, taskID)
	h.consoles.Recalled(organization)
	if h.bus != nil {
		h.bus.Recalled(organization, taskID)
	}
}

func (h hints) Read(organization int64, tasks []int64, ordinals []uint32) {
	h.tasks.Read(organization, tasks)
	h.hub.Read(organization, ordinals)
	if h.bus != nil {
		h.bus.Read(organization, ordinals)
	}
}

func (h hints) DirectoryMoved(organization int64) {
	if h.bus != nil {
		h.bus.DirectoryMoved(organization)
	}
}

func (h hints) CredentialsMoved() {
	if h.bus != nil {
		h.bus.CredentialsMoved()
	}
}

// connections are told, like the hub, of what other nodes' rows say.
type connections struct{ *services }

func (c connections) ReadElsewhere(organization int64, ordinals []uint32) {
	c.tasks.ReadElsewhere(organization)
	c.hub.ReadElsewhere(organization, ordinals)
}

func (c connections) Look() {
	c.tasks.ReadElsewhere(0) // any
	c.hub.Look()
}

// remoteEvents passes on what other nodes have done.
type remoteEvents struct{ *services }

func (e remoteEvents) Committed(organization, revision int64) {
	e.hub.Committed(organization, revision)
	e.consoles.Committed(organization)
}

func (e remoteEvents) Recalled(organization, taskID int64) {
	e.hub.Recalled(organization, taskID)
	e.consoles.Recalled(organization)
}

func (e remoteEvents) ReadElsewhere(organization int64, ordinals []uint32) {
	e.tasks.ReadElsewhere(organization)
	e.hub.ReadElsewhere(organization, ordinals)
}

func (e remoteEvents) DirectoryMoved(organization int64) { e.Directory.Moved(organization) }

func (e remoteEvents) CredentialsMoved() {
	e.Apps.Look()
	e.Accounts.Look()
}

func (e remoteEvents) Look() {
	e.hub.Look()
	e.Directory.Look()
	e.CredentialsMoved()
}
