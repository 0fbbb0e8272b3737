package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/callback"
	"github.com/tidings-im/tidings/internal/certificate"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/setup"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/web"
)

const (
	readHeaderTime = 5 * time.Second
	idleTime       = 2 * time.Minute
	stopTime       = 6 * time.Second // for requests in hand; streams and the store need the rest of ten
	leaveTime      = time.Second     // of it, for clients to be told on connections that they keep
)

// Server is one node: everything open, not yet listening.
type Server struct {
	config   config.Config
	log      *slog.Logger
	services *services
	metrics  *metrics
	ready    *readiness
	leaving  atomic.Bool
	clients  atomic.Int64 // open connections
	ran      bool
	cert     *certificate.Files // nil where it speaks plain http
	http     *http.Server
	ops      *http.Server
	locks    locks

	listener    net.Listener
	opsListener net.Listener // nil when off
}

// New opens the store, the rooms and the edges. Close or Run lets go of them.
func New(ctx context.Context, c config.Config, o Options) (*Server, error) {
	s := &Server{config: c, log: o.Log, metrics: newMetrics()}
	if err := s.open(ctx, c, o); err != nil {
		return nil, errors.Join(err, s.locks.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context, c config.Config, o Options) error {
	if err := s.openTLS(c); err != nil {
		return err
	}
	dirs := OwnDirs(c)
	if o.HoldData {
		dirs = append(dirs, c.Data)
	}
	var err error
	if s.locks, err = hold(dirs); err != nil {
		return err
	}
	s.services = &services{}
	o.serving, o.hints, o.meter = true, hints{s.services}, &s.metrics.calling
	if s.services.Rooms, err = Open(ctx, c, o); err != nil {
		return err
	}
	if err := s.services.open(ctx, c, o, s.metrics); err != nil {
		return errors.Join(err, s.services.Close())
	}
	tree, err := web.Files()
	if err != nil {
		return errors.Join(fmt.Errorf("web files: %w", err), s.services.close())
	}
	files, err := newPages(tree, s.services.hosts(c, o.Log))
	if err != nil {
		return errors.Join(err, s.services.close())
	}
	address := func() string { return c.Address(s.Port()) }
	onWire, own, back := s.services.edges(c, o, s.metrics, address, files)
	s.ready = &readiness{probe: s.services.db.Ready, keys: s.services.Apps.HoldsKeys}
	s.metrics.gauge("tidings_ready", "1 while sends are accepted, as /readyz says.", s.ready.value)
	handler := &guard{
		next: newFront(onWire, own, back, files, s.ready), log: o.Log, metrics: s.metrics, leaving: &s.leaving,
		peers: peers{proxies: c.TrustedProxies, header: c.ProxyHeader}, https: c.Secure(),
	}
	errorLog := slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug) // broken clients, not our errors
	s.http = &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTime, IdleTimeout: idleTime,
		MaxHeaderBytes: wireHeaderBytes, ErrorLog: errorLog, ConnState: s.count, TLSConfig: s.tlsConfig(),
	}
	s.ops = &http.Server{
		Handler: opsHandler(s.metrics, c.OpsListen), ReadHeaderTimeout: readHeaderTime, IdleTimeout: idleTime, ErrorLog: errorLog,
	}
	return nil
}

// Start takes the addresses. Nothing is answered before Run.
func (s *Server) Start(ctx context.Context) error {
	var err error
	if s.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.config.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if s.config.OpsListen == "" {
		return nil
	}
	s.opsListener, err = new(net.ListenConfig).Listen(ctx, "tcp", s.config.OpsListen)
	if err != nil && s.config.OpsAsked {
		return errors.Join(fmt.Errorf("ops-listen: %w", err), s.listener.Close())
	}
	if err != nil {
		s.log.Warn("no metrics: the default address is taken; set --ops-listen", "address", s.config.OpsListen, "error", err)
	}
	return nil
}

// Port is the one that Start took.
func (s *Server) Port() int { return port(s.listener) }

// OpsPort is that of the operators' listener; 0 when there is none.
func (s *Server) OpsPort() int { return port(s.opsListener) }

func port(l net.Listener) int {
	if l == nil {
		return 0
	}
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

// Directory is this node's own: what changes through it is in force here when
// the call returns. So are Apps and Accounts.
func (s *Server) Directory() *directory.Service { return s.services.Directory }

// SignIns is this node's room of signing in to programs; see Directory.
func (s *Server) SignIns() *oauth.Service { return s.services.SignIns }

// Sources is this node's room of sign-in sources; see Directory.
func (s *Server) Sources() *signin.Service { return s.services.Sources }

// Callbacks is this node's room of event callbacks; see Directory.
func (s *Server) Callbacks() *callback.Service { return s.services.Callbacks }

// Apps is this node's room of apps; see Directory.
func (s *Server) Apps() *app.Service { return s.services.Apps }

// Accounts is this node's room of accounts; see Directory.
func (s *Server) Accounts() *account.Service { return s.services.Accounts }

// Setup is this node's room of setup links.
func (s *Server) Setup() *setup.Service { return s.services.Setup }

// Templates is this node's room of templates and their reviews; see Directory.
func (s *Server) Templates() *review.Service { return s.services.Templates }

// Run serves from Start's addresses until ctx ends or a listener fails, then
// stops: within ten seconds, with streams open too. nil after a stop that was
// asked for.
func (s *Server) Run(ctx context.Context) error {
	memory, forget := context.WithCancel(context.WithoutCancel(ctx))
	kept := s.services.background(memory)
	s.keepCertificate(memory, kept)
	failed := make(chan error, 2)
	var serving sync.WaitGroup
	serve := func(answer func(net.Listener) error, l net.Listener) {
		serving.Go(func() {
			if err := answer(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serve: %w", err)
			}
		})
	}
	serve(s.answer, s.listener)
	if s.opsListener != nil {
		serve(s.ops.Serve, s.opsListener)
		s.log.Info("metrics and pprof", "address", s.opsListener.Addr().String())
	}
	s.ready.open.Store(true)
	s.ran = true
	s.log.Info("listening", "address", s.listener.Addr().String(), "engine", s.services.db.Engine(), "version", BuildOf().Version, "https", s.cert != nil)

	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, s.stop())
	serving.Wait()
	forget()
	kept.Wait()
	return errors.Join(err, s.Close())
}

// stop ends what comes from outside: no streams, the requests in hand answered,
// no new requests.
func (s *Server) stop() error {
	s.ready.open.Store(false)
	s.leaving.Store(true)
	s.log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		s.services.hub.Close()
		close(ended)
	}()
	s.leave()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were cut off", "after", stopTime)
		err = s.http.Close()
	}
	<-ended
	return errors.Join(err, s.ops.Close())
}

// leave goes on answering for leaveTime, while there are clients: whoever keeps
// a connection hears with an answer that it ends, and a load balancer has the
// time to see that this node is not ready.
func (s *Server) leave() {
	const look = 10 * time.Millisecond
	tick := time.NewTicker(look)
	defer tick.Stop()
	for left := leaveTime; left > 0 && s.clients.Load() > 0; left -= look {
		<-tick.C
	}
}

func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.clients.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.clients.Add(-1)
	case http.StateActive, http.StateIdle:
	}
}

// Close lets go of a server that does not run: the store and the data directory
// are free afterwards.
func (s *Server) Close() error {
	err := s.services.close()
	for _, l := range []net.Listener{s.listener, s.opsListener} {
		if l == nil {
			continue
		}
		if e := l.Close(); !errors.Is(e, net.ErrClosed) {
			err = errors.Join(err, e)
		}
	}
	err = errors.Join(err, s.locks.Close())
	if s.ran {
		s.log.Info("stopped")
	}
	return err
}
