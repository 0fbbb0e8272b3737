package app_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Whatever is done on one node, and whichever nodes read the counter in
// between: a token is accepted exactly while it lives, at once where the
// change was made and two seconds later everywhere. Within the two seconds a
// node may give the old answer, never one that was never true.
func TestTokensAgainstAModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	near, far := w.mustNode(t), w.mustNode(t)
	rapid.Check(t, func(r *rapid.T) {
		m := newModel(t, w, w.restarted(near), w.restarted(far))
		r.Repeat(map[string]func(*rapid.T){
			"":      m.check,
			"take":  m.take,
			"end":   m.end,
			"stop":  m.stop,
			"start": m.start,
			"add":   m.add,
			"wait": func(r *rapid.T) {
				w.clock.move(time.Duration(rapid.IntRange(1, 2500).Draw(r, "ms")) * time.Millisecond)
			},
			"sleep":   func(r *rapid.T) { w.clock.move(time.Duration(rapid.IntRange(1, 130).Draw(r, "min")) * time.Minute) },
			"confirm": func(r *rapid.T) { must(t, m.any(r).Confirm(t.Context())) },
		})
	})
}

type model struct {
	t       *testing.T
	w       *world
	nodes   []*node
	app     installed
	stopped bool
	secrets []modelSecret
	tokens  map[string]*modelToken
}

type modelSecret struct {
	id    int64
	value string
	ended bool
}

type modelToken struct {
	secret  int64
	expires time.Time // the life that was promised; it may last a minute longer
	ended   bool
	changed time.Time // when it ended
	by      *node     // who ended it
}

func newModel(t *testing.T, w *world, nodes ...*node) *model {
	m := &model{t: t, w: w, nodes: nodes, tokens: map[string]*modelToken{}}
	m.app = m.nodes[0].mustApp(t, w.mustOrganization(t, "One").ID, "A")
	m.secrets = []modelSecret{{m.nodes[0].mustListing(t, m.app).Secrets[0].ID, m.app.secret, false}}
	return m
}

func (m *model) any(r *rapid.T) *node { return rapid.SampledFrom(m.nodes).Draw(r, "node") }

func (m *model) secret(r *rapid.T) *modelSecret {
	return &m.secrets[rapid.IntRange(0, len(m.secrets)-1).Draw(r, "secret")]
}

func (m *model) take(r *rapid.T) {
	s, now := m.secret(r), m.w.clock.now()
	got, err := m.any(r).TokenByKey(m.t.Context(), m.app.Key, s.value)
	if s.ended || m.stopped {
		wantCode(m.t, err, fault.CodeCredentialsInvalid)
		return
	}
	must(m.t, err)
	for value, token := range m.tokens {
		if token.secret == s.id && !token.ended && now.Before(token.expires) && value != got.Value {
			r.Fatalf("another token while one lives")
		}
	}
	token := m.tokens[got.Value]
	if token == nil {
		token = &modelToken{secret: s.id}
		m.tokens[got.Value] = token
	} else if token.ended || now.After(token.expires.Add(time.Minute)) {
		r.Fatalf("a token that had ended was given again")
	}
	token.expires = now.Add(2 * time.Hour)
}

// endWhere ends the tokens that a change on a node ends.
func (m *model) endWhere(by *node, which func(*modelToken) bool) {
	for _, token := range m.tokens {
		if !token.ended && which(token) {
			token.ended, token.changed, token.by = true, m.w.clock.now(), by
		}
	}
}

func (m *model) end(r *rapid.T) {
	s, n := m.secret(r), m.any(r)
	must(m.t, n.EndSecret(m.t.Context(), audit.ByOperator(), m.app.Organization, m.app.ID, s.id))
	s.ended = true
	m.endWhere(n, func(t *modelToken) bool { return t.secret == s.id })
}

func (m *model) stop(r *rapid.T) {
	n := m.any(r)
	must(m.t, n.DisableApp(m.t.Context(), audit.ByOperator(), m.app.Organization, m.app.ID))
	m.stopped = true
	m.endWhere(n, func(*modelToken) bool { return true })
}

func (m *model) start(r *rapid.T) {
	n := m.any(r)
	must(m.t, n.EnableApp(m.t.Context(), audit.ByOperator(), m.app.Organization, m.app.ID))
	m.stopped = false
	m.endWhere(n, func(*modelToken) bool { return true })
}

func (m *model) add(r *rapid.T) {
	active := 0
	for _, s := range m.secrets {
		if !s.ended {
			active++
		}
	}
	s, value, err := m.any(r).AddSecret(m.t.Context(), audit.ByOperator(), m.app.Organization, m.app.ID)
	if active >= 2 {
		wantCode(m.t, err, fault.CodeConflict)
		return
	}
	must(m.t, err)
	m.secrets = append(m.secrets, modelSecret{s.ID, value, false})
}

func (m *model) check(r *rapid.T) {
	now := m.w.clock.now()
	for value, token := range m.tokens {
		for _, n := range m.nodes {
			_, err := n.Authenticate(m.t.Context(), value)
			switch {
			case err != nil:
				wantCode(m.t, err, fault.CodeTokenInvalid)
				if !token.ended && now.Before(token.expires) {
					r.Fatalf("a living token is refused")
				}
			case token.ended && (n == token.by || now.Sub(token.changed) >= 2*time.Second):
				r.Fatalf("a token is accepted %v after its end", now.Sub(token.changed))
			case now.After(token.expires.Add(time.Minute)):
				r.Fatalf("a token is accepted %v after its life", now.Sub(token.expires))
			}
		}
	}
}
