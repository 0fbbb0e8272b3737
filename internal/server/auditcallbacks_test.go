package server_test

import (
	"context"

	"github.com/tidings-im/tidings/internal/audit"
	eventcall "github.com/tidings-im/tidings/internal/callback"
)

// callbacks are the steps on where an app hears of events.
func (d *deed) callbacks(m *made) []step {
	by, room := audit.ByOperator(), d.rooms.Callbacks
	key := func() eventcall.Key { return eventcall.Key{Organization: m.org, AppID: m.a.ID} }
	good := func() eventcall.Settings {
		h := mustHook(d.t, m.a.Key)
		return eventcall.Settings{URL: h.url, Tags: eventcall.Tags(), Token: hookToken, AESKey: hookKey}
	}
	return []step{
		{
			"Callbacks.Set", "callback.save",
			func(ctx context.Context) error { return room.Set(ctx, by, key(), good()) },
			func(ctx context.Context) error { return room.Set(ctx, by, key(), eventcall.Settings{}) },
		},
		{
			"Callbacks.Update", "callback.save",
			func(ctx context.Context) error {
				return room.Update(ctx, by, key(), eventcall.Settings{Tags: []string{eventcall.UserAdd}})
			},
			func(ctx context.Context) error {
				return room.Update(ctx, by, key(), eventcall.Settings{Tags: []string{"nothing"}})
			},
		},
		{
			"Callbacks.Save", "callback.save",
			func(ctx context.Context) error {
				return room.Save(ctx, by, key(), eventcall.Settings{Tags: []string{eventcall.UserLeave}})
			},
			func(ctx context.Context) error {
				return room.Save(ctx, by, key(), eventcall.Settings{Tags: []string{"nothing"}})
			},
		},
		{
			"Callbacks.Delete", "callback.end",
			func(ctx context.Context) error { return room.Delete(ctx, by, key()) },
			func(ctx context.Context) error {
				return room.Delete(ctx, by, eventcall.Key{Organization: m.org, AppID: 77})
			},
		},
		{
			"Callbacks.Register", "callback.save",
			func(ctx context.Context) error {
				to := good()
				to.URL = mustHook(d.t, "dingexample").url
				return room.Register(ctx, by, key(), to)
			},
			func(ctx context.Context) error {
				to := good()
				to.AESKey = "short"
				return room.Register(ctx, by, key(), to)
			},
		},
	}
}
