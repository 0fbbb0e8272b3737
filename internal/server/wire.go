package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/bus"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/live"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/rest"
	"github.com/tidings-im/tidings/internal/retention"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/task"
)

// services are the rooms that serve, on top of those that administer.
type services struct {
	*Rooms

	attempts *attempt.Limiter
	media    *media.Service
	inbox    *inbox.Service
	hub      *live.Hub
	consoles *live.Consoles
	notify   *notify.Service
	tasks    *task.Service
	bus      *bus.Bus // nil: there are no other nodes, or they are not told

	retention *retention.Service
	streams   *rest.Watch
	follower  *node.Follower
	heads     audit.Noter
}

// open makes the rooms that serve and ties them together: what notify commits
// the hub tells, what the hub tells it reads from the inbox.
func (s *services) open(ctx context.Context, c config.Config, o Options, m *metrics) (err error) {
	if err := s.Directory.Load(ctx); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	s.attempts = attempt.New(o.Log, &m.throttled, o.Now)
	if err := s.openMedia(ctx, c, o); err != nil {
		return err
	}
	if s.bus, err = openBus(c, s, o, m); err != nil {
		return err
	}
	told := hints{s}
	in := inbox.Deps{
		Store: s.db.Inbox(), Receipts: s.db.Receipts(), Hints: told,
		Cards: cards{apps: s.Apps, media: s.media, organizations: s.Directory}, Now: o.Now, Log: o.Log,
	}
	if others := s.db.RecentReads(); others != nil {
		in.Elsewhere, in.Listener = others, connections{s}
	}
	if s.inbox, err = inbox.New(in); err != nil {
		return err
	}
	s.hub = live.New(live.Deps{Inbox: s.inbox, Log: o.Log})
	s.consoles = live.NewConsoles(o.Log)
	s.notify = notify.New(notify.Deps{
		Store: s.db.Tasks(), Directory: s.Directory, Media: s.media,
		Versions: review.NewLibrary(s.db.Templates()), Hints: told, Meter: m, Log: o.Log, Now: o.Now,
	})
	s.tasks = task.New(task.Deps{Store: s.db.TaskLists(), Apps: s.Apps, People: s.Directory, Sender: meteredSends{s.notify, m}, AuditLog: s.db.AuditLog(), Log: o.Log, Now: o.Now})
	s.Templates = review.New(reviews(s.Rooms, s.notify, o.Now))
	s.retention = retention.New(retention.Deps{
		Store: s.db.Retention(), Memory: s.inbox, Meter: &m.deleting, Log: o.Log, Now: o.Now,
	})
	s.heads = audit.Noter{Heads: s.AuditLog.Store, Log: o.Log}
	s.streams = rest.NewWatch(guardedAccounts{s.Accounts, s.attempts})
	s.follower = node.NewFollower(node.FollowerDeps{Store: s.db.Nodes(), CatchUp: s.catchUp, Log: o.Log})
	s.measure(m)
	return nil
}

// catchUp brings what is in memory of people, apps and credentials up to the
// database, and ends the streams of those who may no longer have one. Contents are
// never in memory, and everything else there is good whatever changes.
func (s *services) catchUp(ctx context.Context) error {
	if err := s.Directory.Load(ctx); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	if err := s.Apps.Confirm(ctx); err != nil {
		return fmt.Errorf("apps: %w", err)
	}
	s.Accounts.Look()
	if err := s.streams.Look(ctx); err != nil {
		return fmt.Errorf("streams: %w", err)
	}
	return nil
}

// openMedia makes the room of uploaded files.
func (s *services) openMedia(ctx context.Context, c config.Config, o Options) error {
	files, err := openMedia(ctx, c, s.db, o.Now)
	if err != nil {
		return err
	}
	s.media = media.New(media.Deps{Store: s.db.Media(), Storage: files, Log: o.Log, Now: o.Now})
	if err := s.media.Check(); err != nil {
		return err
	}
	adopted, err := s.media.Adopt(ctx, MediaDir(c.Data))
	if err == nil && adopted > 0 {
		o.Log.Info("uploaded files were taken over from the data directory", "files", adopted)
	}
	return err
}

// edges returns what answers requests: the wire, our own API, and browsers that come back
// from where they have signed in. address is where people reach the server.
func (s *services) edges(c config.Config, o Options, m *metrics, address func() string, p *pages) (onWire, own, back http.Handler) {
	log, cookies := o.Log, account.Cookies{Secure: c.Secure()}
	flow := guardedFlow{signin.NewFlow(signin.FlowDeps{
		Sources: s.Sources, Providers: s.providers, Keys: s.Keys.Ring, Address: address, Now: o.Now,
	}), s.attempts}
	onWire = dingtalk.Handler(dingtalk.Deps{
		Tokens: guardedTokens{s.Apps, s.attempts}, Notifications: meteredSends{s.notify, m}, Uploads: s.media, Contacts: s.Directory, Changes: s.Directory,
		SignIns: guardedSignIns{s.SignIns, s.attempts}, Callbacks: s.Callbacks, Log: log,
		Refused: m.refusals.onWire(log),
	})
	own = rest.Handler(rest.Deps{
		PublicURL: c.PublicURL, Cookies: cookies,
		Accounts: guardedAccounts{s.Accounts, s.attempts}, Organizations: s.Directory, Inbox: s.inbox, Live: s.hub, Consoles: s.consoles, Media: s.media, Log: log,
		Templates: s.Templates, Apps: s.Apps, People: s.Directory, Tasks: s.tasks, Sends: s.tasks, AuditLog: s.AuditLog, Watch: s.streams, SignIns: s.SignIns,
		Callbacks: s.Callbacks, Sources: s.Sources, SignIn: flow, RedirectURI: flow.RedirectURI,
		Setup:   guardedSetup{s.Setup, s.attempts},
		Nodes:   node.Everywhere{Store: s.Nodes, Log: log},
		Refused: m.refusals.onOwn(log),
	})
	back = rest.SignInReturn(rest.ReturnDeps{
		Flow: flow, Cookies: cookies, Organizations: s.Directory, Log: log, Missing: http.HandlerFunc(p.missing), Refused: m.refusals.onOwn(log),
	})
	return onWire, own, back
}

// hosts returns what knows from where a browser's page may load.
func (s *services) hosts(c config.Config, log *slog.Logger) hosts {
	return trusted{accounts: guardedAccounts{s.Accounts, s.attempts}, apps: s.Apps, cookies: account.Cookies{Secure: c.Secure()}, log: log}
}

// background runs the rooms until ctx ends and what they accepted is done.
func (s *services) background(ctx context.Context) *sync.WaitGroup {
	var running sync.WaitGroup
	for _, room := range []func(context.Context){
		s.Directory.Run, s.Apps.Run, s.watch.Run, s.Accounts.Run, s.notify.Run, s.inbox.Run, s.media.Run, s.retention.Run,
		s.heads.Run, s.follower.Run, s.tasks.Run, s.Callbacks.Run,
	} {
		running.Go(func() { room(ctx) })
	}
	if s.bus != nil {
		running.Go(func() { s.bus.Run(ctx) })
	}
	return &running
}

// close ends the streams and closes the store. Nothing else may run.
func (s *services) close() error {
	s.consoles.Close()
	s.hub.Close()
	return s.Close()
}
