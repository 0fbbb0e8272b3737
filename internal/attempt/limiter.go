package attempt

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Kind is what was presented, as logs and metrics name it.
type Kind string

// The kinds of credentials.
const (
	AccessToken Kind = "access_token"
	AppSecret   Kind = "app_secret"
	SuiteSecret Kind = "suite_secret"
	APIToken    Kind = "api_token"
	Session     Kind = "session"
	SignInLink  Kind = "sign_in_link"
	SetupLink   Kind = "setup_link"
	SignIn      Kind = "sign_in" // what a provider is to confirm
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{AccessToken, AppSecret, SuiteSecret, APIToken, Session, SignInLink, SetupLink, SignIn}
}

const (
	// Allowance is how many failures of one kind cost an address nothing.
	Allowance = 100
	// Forgive is after how long one failure is forgotten.
	Forgive = 10 * time.Second
	// MaxWait is the longest wait after a failure.
	MaxWait = time.Minute

	maxPlaces = 20_000 // addresses remembered, for each kind
	maxProven = 32_768 // credentials remembered, twice that in all
)

// Meter counts what was refused unchecked. It must not block.
type Meter interface{ Throttled(kind Kind) }

// Limiter knows which addresses have failed. It is safe for concurrent use.
type Limiter struct {
	log   *slog.Logger
	meter Meter
	now   func() time.Time

	mu     sync.Mutex
	places map[placeKey]*place

	proven proven
}

type placeKey struct {
	kind  Kind
	group netip.Prefix
}

// place is one address.
type place struct {
	failures int
	at       time.Time // up to when failures have been forgiven
	until    time.Time // nothing unproven is checked before
	logged   bool      // somebody was told so since
}

// New returns a Limiter that knows of no failures.
func New(log *slog.Logger, meter Meter, now func() time.Time) *Limiter {
	return &Limiter{log: log, meter: meter, now: now, places: map[placeKey]*place{}, proven: newProven()}
}

// Try runs check for a credential that the peer of ctx presents, and counts it
// when it fails with a fault of the kind Unauthenticated. It fails with
// CodeThrottled, and says when to come back, while the peer's address waits and
// the credential has not been good before; then check does not run. Without a
// peer nothing is counted.
func (l *Limiter) Try(ctx context.Context, kind Kind, credential string, check func() error) error {
	peer := Peer(ctx)
	if !peer.IsValid() {
		return check()
	}
	digest := sha256.Sum256([]byte(string(kind) + "\x00" + credential))
	known := l.proven.has(digest)
	key := placeKey{kind, group(peer)}
	if !known {
		if wait := l.enter(key); wait > 0 {
			l.meter.Throttled(kind)
			return fault.New(fault.CodeThrottled, "too many failed attempts from this address").WithRetryAfter(wait)
		}
	}
	err := check()
	switch {
	case err == nil:
		l.proven.add(digest)
	case fault.From(err).Kind == fault.Unauthenticated:
		l.proven.remove(digest)
		if known {
			l.enter(key)
		}
		return err
	}
	if !known {
		l.leave(key)
	}
	return err
}

// enter counts an attempt as failed until leave says otherwise, so that many at
// once are no more than many in a row. It returns how long the address waits
// yet; then nothing is counted.
func (l *Limiter) enter(key placeKey) time.Duration {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.places[key]
	if p == nil {
		l.makeRoom(now)
		p = &place{at: now}
		l.places[key] = p
	}
	p.forgive(now)
	if wait := p.until.Sub(now); wait > 0 {
		if !p.logged {
			p.logged = true
			l.log.Info("an address fails too often: what it presents is refused unchecked for a while, unless it was good before",
				"kind", string(key.kind), "peer", key.group.String(), "failures", p.failures, "wait", wait)
		}
		return wait
	}
	p.failures++
	if over := p.failures - Allowance; over > 0 {
		p.until, p.logged = now.Add(waitFor(over)), false
	}
	return 0
}

// leave takes back what enter has counted.
func (l *Limiter) leave(key placeKey) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.places[key]
	if p == nil {
		return // there was no room for it any more
	}
	if p.failures--; p.failures < Allowance {
		p.until = time.Time{}
	}
	if p.failures <= 0 {
		delete(l.places, key)
	}
}

// waitFor is the wait after so many failures beyond Allowance.
func waitFor(over int) time.Duration {
	wait := time.Second
	for ; over > 1 && wait < MaxWait; over-- {
		wait *= 2
	}
	return min(wait, MaxWait)
}

// forgive forgets failures for the time that has passed. A clock that went back
// forgives nothing.
func (p *place) forgive(now time.Time) {
	n := int(now.Sub(p.at) / Forgive)
	if n <= 0 {
		return
	}
	p.failures = max(0, p.failures-n)
	p.at = p.at.Add(time.Duration(n) * Forgive)
}

// makeRoom forgets an address before another one is remembered, where there are
// too many: one that has nothing to answer for, else any. Call it with l.mu.
func (l *Limiter) makeRoom(now time.Time) {
	if len(l.places) < maxPlaces*len(Kinds()) {
		return
	}
	looked := 0
	for key, p := range l.places { // in no order
		p.forgive(now)
		if looked++; p.failures == 0 || looked == 64 {
			delete(l.places, key)
			return
		}
	}
}

// proven are digests of credentials that were good the last time. When one half
// is full the other is forgotten.
type proven struct {
	mu         *sync.RWMutex
	young, old map[[sha256.Size]byte]struct{}
}

func newProven() proven {
	return proven{mu: &sync.RWMutex{}, young: map[[sha256.Size]byte]struct{}{}, old: map[[sha256.Size]byte]struct{}{}}
}

func (p *proven) has(digest [sha256.Size]byte) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, young := p.young[digest]
	_, old := p.old[digest]
	return young || old
}

func (p *proven) add(digest [sha256.Size]byte) {
	p.mu.RLock()
	_, known := p.young[digest]
	p.mu.RUnlock()
	if known {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.young) >= maxProven {
		p.old, p.young = p.young, map[[sha256.Size]byte]struct{}{}
	}
	p.young[digest] = struct{}{}
}

func (p *proven) remove(digest [sha256.Size]byte) {
	p.mu.RLock()
	_, young := p.young[digest]
	_, old := p.old[digest]
	p.mu.RUnlock()
	if !young && !old {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.young, digest)
	delete(p.old, digest)
}
