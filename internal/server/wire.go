package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/bus"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/rest"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/review"
)

// services are the rooms that serve, on top of those that administer.
type services struct {
	*Rooms

	attempts *attempt.Limiter
	media    *media.Service
	inbox    *inbox.Service
	hub      *live.Hub
	notify   *notify.Service
	bus      *bus.Bus // nil: there are no other nodes, or they are not told

	retention *retention.Service
}

// wire makes the rooms that serve and ties them together: what notify commits
// the hub tells, what the hub tells it reads from the inbox.
func wire(ctx context.Context, c config.Config, o Options, rooms *Rooms, m *metrics) (*services, error) {
	if err := rooms.Directory.Load(ctx); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	s := &services{Rooms: rooms, attempts: attempt.New(o.Log, &m.throttled, o.Now)}
	files, err := openMedia(ctx, c, rooms.db, o.Now)
	if err != nil {
		return nil, err
	}
	s.media = media.New(rooms.db.Media(), files, o.Now)
	if err := s.media.Check(); err != nil {
		return nil, err
	}
	if adopted, err := s.media.Adopt(ctx, MediaDir(c.Data)); err != nil {
		return nil, err
	} else if adopted > 0 {
		o.Log.Info("uploaded files were taken over from the data directory", "files", adopted)
	}
	if s.bus, err = openBus(c, s, o, m); err != nil {
		return nil, err
	}
	s.inbox, err = inbox.New(inbox.Options{
		Store: rooms.db.Inbox(), Receipts: rooms.db.Receipts(),
		Cards: cards{apps: rooms.Apps, media: s.media, organizations: rooms.Directory}, Now: o.Now, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	s.hub = live.New(s.inbox, o.Log)
	told := hints{hub: s.hub, bus: s.bus}
	s.inbox.Tell(told)
	if s.bus != nil {
		rooms.Directory.Tell(s.bus)
		rooms.Apps.Tell(s.bus)
		rooms.Accounts.Tell(s.bus)
	}
	s.notify = notify.New(notify.Deps{
		Store: rooms.db.Tasks(), Directory: rooms.Directory, Media: s.media,
		Versions: review.NewLibrary(rooms.db.Templates()), Hints: told, Meter: m, Log: o.Log, Now: o.Now,
	})
	rooms.Templates = review.New(reviews(rooms, s.notify, o.Now))
	s.retention = retention.New(retention.Deps{
		Store: rooms.db.Retention(), Memory: s.inbox, Meter: &m.deleting, Log: o.Log, Now: o.Now,
	})
	s.measure(m)
	return s, nil
}

// edges returns what answers requests: the wire and our own API.
func (s *services) edges(c config.Config, log *slog.Logger, m *metrics) (onWire, own http.Handler) {
	onWire = dingtalk.Handler(dingtalk.Deps{
		Tokens: guardedTokens{s.Apps, s.attempts}, Notifications: meteredSends{s.notify, m}, Uploads: s.media, Log: log,
		Refused: m.refusals.onWire(log),
	})
	own = rest.Handler(rest.Deps{
		PublicURL: c.PublicURL, Cookies: account.Cookies{Secure: c.Secure()},
		Accounts: guardedAccounts{s.Accounts, s.attempts}, Organizations: s.Directory, Inbox: s.inbox, Live: s.hub, Media: s.media, Log: log,
		Templates: s.Templates, Apps: s.Apps, People: s.Directory,
		Refused: m.refusals.onOwn(log),
	})
	return onWire, own
}

// hosts returns what knows from where a browser's page may load.
func (s *services) hosts(c config.Config, log *slog.Logger) hosts {
	return trusted{accounts: guardedAccounts{s.Accounts, s.attempts}, apps: s.Apps, cookies: account.Cookies{Secure: c.Secure()}, log: log}
}

// background runs what keeps memory true until ctx ends.
func (s *services) background(ctx context.Context, log *slog.Logger) *sync.WaitGroup {
	var running sync.WaitGroup
	running.Go(func() { s.Directory.Run(ctx, log) })
	running.Go(func() { s.Apps.Run(ctx) })
	running.Go(func() { s.Accounts.Run(ctx, log) })
	running.Go(func() { s.notify.Run(ctx) })
	running.Go(func() { s.media.Run(ctx, log) })
	s.follow(ctx, &running)
	running.Go(func() { s.retention.Run(ctx) })
	return &running
}

// drain commits what was accepted and closes the store.
func (s *services) drain() error {
	s.hub.Close()
	s.notify.Close()
	s.inbox.Close()
	return s.Close()
}
