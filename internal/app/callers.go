package app

import (
	"context"
	"crypto/subtle"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tidings-im/tidings/internal/fault"
)

// How long memory is believed without the revocation counter, how long it is
// remembered that a token is none, and how long the database is waited for.
const (
	believed   = 2 * time.Second
	missed     = time.Second
	loadWithin = 2 * time.Second
)

// CallerStore reads what tokens stand for.
type CallerStore interface {
	// Revocations returns the revocation counter. Whatever a Standing or an
	// AgentView is made of changes only together with it.
	Revocations(ctx context.Context) (int64, error)
	// TokenByID returns what a token stands for, expired or not. False when it
	// is unknown or revoked, or its secret has ended, or its app, installation
	// or organization is disabled.
	TokenByID(ctx context.Context, organization int64, id string) (Standing, bool, error)
	// AgentStanding returns what an installation is on the wire, a disabled one too.
	// Fails with CodeAgentUnknown.
	AgentStanding(ctx context.Context, organization, id int64) (Standing, error)
	// AgentByID fails with CodeAgentUnknown.
	AgentByID(ctx context.Context, organization, id int64) (AgentView, error)
}

type callerStore interface {
	CallerStore
	ComposerStore
}

// callers is what this node knows of live tokens and agents.
type callers struct {
	store   callerStore
	now     func() time.Time
	moved   func(context.Context) error // called whenever the counter has moved
	era     atomic.Pointer[era]
	flights singleflight.Group
}

// era is what was read since the revocation counter was seen at one value.
// What is read in an era is kept in that era, even if it has ended meanwhile:
// then nobody looks there any more.
type era struct {
	counter   int64
	confirmed atomic.Pointer[time.Time] // when the counter last had this value
	tokens    sync.Map                  // token id → *known
	agents    sync.Map                  // agentKey → *knownAgent
	composers sync.Map                  // organization → *knownComposers
}

// known is a token whose MAC was right when it was read.
type known struct {
	token   string
	caller  *Caller // nil when it stood for nobody
	expires time.Time
	read    time.Time
}

type agentKey struct{ organization, id int64 }

type knownAgent struct {
	view AgentView
	read time.Time
}

type knownComposers struct {
	lists []Composing
	read  time.Time
}

func newCallers(store callerStore, now func() time.Time, moved func(context.Context) error) *callers {
	c := &callers{store: store, now: now, moved: moved}
	c.forget()
	return c
}

// unseen is the counter of an era that began without reading it. It is no
// counter's value, so the next confirmation ends that era.
const unseen = -1

// forget begins an era in which nothing is known.
func (c *callers) forget() { c.era.Store(&era{counter: unseen}) }

// confirm reads the counter; one that moved begins a new era.
func (c *callers) confirm(ctx context.Context) error {
	e, asked := c.era.Load(), c.now()
	counter, err := c.store.Revocations(ctx)
	if err != nil {
		return err
	}
	if e.counter != counter {
		if err := c.moved(ctx); err != nil {
			return err
		}
		// Not the old era with a new number: it may hold what was read before
		// the counter moved.
		e = &era{counter: counter}
		c.era.Store(e)
	}
	e.confirmed.Store(&asked)
	return nil
}

// within reports whether less than d has passed since t. A clock that went
// back tells nothing.
func within(now, t time.Time, d time.Duration) bool {
	age := now.Sub(t)
	return age >= 0 && age < d
}

// believes reports whether something read at t in this era is still true.
func (e *era) believes(now, t time.Time) bool {
	if within(now, t, believed) {
		return true
	}
	confirmed := e.confirmed.Load()
	return confirmed != nil && within(now, *confirmed, believed)
}

// known answers from memory: who a token stands for, nil for a token that is
// known to stand for nobody. False means that the database must say.
func (c *callers) known(token string) (*Caller, bool) {
	id, _, _ := strings.Cut(token, ".")
	e := c.era.Load()
	v, ok := e.tokens.Load(id)
	if !ok {
		return nil, false
	}
	k, now := v.(*known), c.now()
	if subtle.ConstantTimeCompare([]byte(k.token), []byte(token)) != 1 {
		return nil, true // another MAC for the id of a real token
	}
	if k.caller == nil {
		return nil, within(now, k.read, missed)
	}
	return k.caller, now.Before(k.expires) && e.believes(now, k.read)
}

// load asks the database about a token whose MAC is right, once for all who
// wait for the same one, and remembers the answer.
func (c *callers) load(ctx context.Context, id tokenID, token string) (*Caller, error) {
	v, err := c.once(ctx, id.text, func(ctx context.Context) (any, error) {
		e, now := c.era.Load(), c.now()
		s, ok, err := c.store.TokenByID(ctx, id.organization, id.text)
		if err != nil {
			return nil, err
		}
		k := &known{token: token, read: now}
		if ok && now.Before(s.ExpiresAt) {
			k.expires = s.ExpiresAt
			if k.caller, err = s.caller(); err != nil {
				return nil, err
			}
		}
		e.tokens.Store(id.text, k)
		return k.caller, nil
	})
	if err != nil {
		return nil, err
	}
	return v.(*Caller), nil
}

// agent returns the view of an agent from memory or the database.
func (c *callers) agent(ctx context.Context, organization, id int64) (AgentView, error) {
	key, e := agentKey{organization, id}, c.era.Load()
	if v, ok := e.agents.Load(key); ok {
		if k := v.(*knownAgent); e.believes(c.now(), k.read) {
			return k.view, nil
		}
	}
	flight := "agent " + strconv.FormatInt(organization, 10) + " " + strconv.FormatInt(id, 10)
	v, err := c.once(ctx, flight, func(ctx context.Context) (any, error) {
		e, now := c.era.Load(), c.now()
		view, err := c.store.AgentByID(ctx, organization, id)
		if err != nil {
			return nil, err
		}
		e.agents.Store(key, &knownAgent{view: view, read: now})
		return view, nil
	})
	if err != nil {
		return AgentView{}, err
	}
	return v.(AgentView), nil
}

// composers returns the installations of an organization that have composers, from
// memory or the database.
func (c *callers) composers(ctx context.Context, organization int64) ([]Composing, error) {
	e := c.era.Load()
	if v, ok := e.composers.Load(organization); ok {
		if k := v.(*knownComposers); e.believes(c.now(), k.read) {
			return k.lists, nil
		}
	}
	v, err := c.once(ctx, "composers "+strconv.FormatInt(organization, 10), func(ctx context.Context) (any, error) {
		e, now := c.era.Load(), c.now()
		lists, err := c.store.Composers(ctx, organization)
		if err != nil {
			return nil, err
		}
		e.composers.Store(organization, &knownComposers{lists: lists, read: now})
		return lists, nil
	})
	if err != nil {
		return nil, err
	}
	return v.([]Composing), nil
}

// once runs fn for all who call it with the same key at the same time. It goes
// on when the caller that began it gives up.
func (c *callers) once(ctx context.Context, key string, fn func(context.Context) (any, error)) (any, error) {
	own := context.WithoutCancel(ctx)
	done := c.flights.DoChan(key, func() (any, error) {
		own, cancel := context.WithTimeout(own, loadWithin)
		defer cancel()
		return fn(own)
	})
	var r singleflight.Result
	select {
	case r = <-done:
	case <-ctx.Done():
		r.Err = ctx.Err()
	}
	if errors.Is(r.Err, context.DeadlineExceeded) || errors.Is(r.Err, context.Canceled) {
		return nil, fault.New(fault.CodeBusy, "the database did not answer in time").Because(r.Err)
	}
	return r.Val, r.Err
}

// sweep forgets tokens that have expired, and misses.
func (c *callers) sweep() {
	e, now := c.era.Load(), c.now()
	e.tokens.Range(func(id, v any) bool {
		k := v.(*known)
		gone := !now.Before(k.expires)
		if k.caller == nil {
			gone = !within(now, k.read, missed)
		}
		if gone {
			e.tokens.CompareAndDelete(id, v)
		}
		return true
	})
}
