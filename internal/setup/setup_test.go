package setup_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/setup"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// node is one server of an installation, at a time that the test moves.
type node struct {
	*setup.Service
	db  *store.DB
	dir *directory.Service
	at  time.Time
}

func newNode(db *store.DB) *node {
	n := &node{db: db, at: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return n.at }
	n.dir = directory.New(directory.Deps{Store: db.Directory(), Now: now})
	n.Service = setup.New(setup.Deps{Store: db.Setup(), Directory: n.dir, Preset: "dingtalk", Now: now})
	return n
}

func (n *node) mustLink(t *testing.T) string {
	t.Helper()
	link, err := n.NewLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := n.at.Add(setup.Life); !link.ExpiresAt.Equal(want) {
		t.Errorf("good until %v, want %v", link.ExpiresAt, want)
	}
	return link.Token
}

func request(token string) setup.Request {
	return setup.Request{Token: token, Organization: "Example", Userid: "ann", Name: " Ann ", Device: "Firefox · Linux"}
}

// mustHave compares which organizations there are.
func (n *node) mustHave(t *testing.T, names ...string) []directory.Organization {
	t.Helper()
	all, err := n.db.Directory().Organizations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range all {
		got = append(got, o.Name)
	}
	if fmt.Sprint(got) != fmt.Sprint(names) {
		t.Fatalf("organizations %q, want %q", got, names)
	}
	return all
}

// by is somebody who asks from somewhere.
var by = audit.By{Peer: "192.0.2.7", Device: "Example/1.0"}

func TestSetUp(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		n, ctx := newNode(db), t.Context()
		token, other := n.mustLink(t), n.mustLink(t)
		if expires, err := n.Check(ctx, token); err != nil || !expires.Equal(n.at.Add(setup.Life)) {
			t.Fatalf("%v, %v", expires, err)
		}
		in, err := n.SetUp(ctx, by, request(token))
		if err != nil {
			t.Fatal(err)
		}
		o := n.mustHave(t, "Example")[0]
		if o.ID != in.Viewer.Organization || o.Limits.Preset != "dingtalk" || o.TimeZone != directory.DefaultTimeZone {
			t.Errorf("made %+v for %+v", o, in.Viewer)
		}
		ann, err := n.dir.User(ctx, o.ID, "ann")
		if err != nil || ann.Ordinal != directory.FirstOrdinal || ann.Name != "Ann" || strings.Join(ann.Roles, " ") != "owner" || in.Viewer.Name != "Ann" {
			t.Errorf("the owner is %+v, %v", ann, err)
		}
		next, err := n.dir.CreateUser(ctx, audit.ByOperator(), o.ID, directory.NewUser{Userid: "bob", Name: "Bob"})
		if err != nil || next.Ordinal != directory.FirstOrdinal+1 {
			t.Errorf("who comes next is %+v, %v", next, err)
		}
		sessions, err := db.Accounts().Sessions(ctx, o.ID, ann.Ordinal, n.at)
		if err != nil || len(sessions) != 1 || sessions[0].ID != in.Viewer.Credential.ID || sessions[0].Device != "Firefox · Linux" {
			t.Errorf("sessions %+v, %v", sessions, err)
		}
		for _, used := range []string{token, other, "", "tdi_"} {
			if _, err := n.SetUp(ctx, by, request(used)); !fault.Is(err, fault.CodeSetupDone) {
				t.Errorf("%q afterwards: %v", used, err)
			}
			if _, err := n.Check(ctx, used); !fault.Is(err, fault.CodeSetupDone) {
				t.Errorf("%q, looked at afterwards: %v", used, err)
			}
		}
		if _, err := n.NewLink(ctx); !fault.Is(err, fault.CodeSetupDone) {
			t.Errorf("another link: %v", err)
		}
		n.mustHave(t, "Example")
	})
}

// What somebody does with a link is in the organization's log, in their own name.
func TestSettingUpIsLogged(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		n := newNode(db)
		in, err := n.SetUp(t.Context(), by, request(n.mustLink(t)))
		if err != nil {
			t.Fatal(err)
		}
		log := &audit.Log{Store: db.AuditLog()}
		page, err := log.Page(t.Context(), in.Viewer.Organization, audit.Query{Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		want := audit.By{
			Actor: audit.Person(in.Viewer.Organization, directory.FirstOrdinal), Credential: audit.SetupLink, Peer: by.Peer, Device: by.Device,
		}
		var actions []audit.Action
		for _, e := range page.Entries {
			actions = append(actions, e.Action)
			if e.By != want {
				t.Errorf("%s by %+v, want %+v", e.Action, e.By, want)
			}
		}
		if fmt.Sprint(actions) != fmt.Sprint([]audit.Action{audit.PersonCreate, audit.OrganizationCreate}) {
			t.Errorf("logged %v", actions)
		}
	})
}

func TestLinksThatDoNotWork(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		n, ctx := newNode(db), t.Context()
		good := n.mustLink(t)
		flipped := good[:len(good)-1] + map[bool]string{true: "b", false: "a"}[strings.HasSuffix(good, "a")]
		for _, bad := range []string{
			"", "tdi_", flipped, good + "a", good[:len(good)-1], strings.ToUpper(good), " " + good, good + "\n", "tdl" + good[3:], "tdi_" + strings.Repeat("a", 26), "\x00", strings.Repeat("a", 4096),
		} {
			if _, err := n.Check(ctx, bad); !fault.Is(err, fault.CodeTokenInvalid) {
				t.Errorf("%q, looked at: %v", bad, err)
			}
			if _, err := n.SetUp(ctx, by, request(bad)); !fault.Is(err, fault.CodeTokenInvalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		n.at = n.at.Add(setup.Life)
		if _, err := n.SetUp(ctx, by, request(good)); !fault.Is(err, fault.CodeTokenInvalid) {
			t.Errorf("expired: %v", err)
		}
		n.mustHave(t)
		n.at = n.at.Add(-time.Millisecond)
		if _, err := n.SetUp(ctx, by, request(good)); err != nil {
			t.Errorf("in its last moment: %v", err)
		}
	})
}

// What an organization or a person cannot be called is refused by the field, and the
// link works on.
func TestAnswersThatAreRefused(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		n := newNode(db)
		token := n.mustLink(t)
		for field, change := range map[string]func(*setup.Request){
			"organization": func(r *setup.Request) { r.Organization = "a,b" },
			"name":         func(r *setup.Request) { r.Name = " " },
			"userid":       func(r *setup.Request) { r.Userid = "a b,c" },
			"time_zone":    func(r *setup.Request) { r.TimeZone = "Nowhere/At_All" },
		} {
			r := request(token)
			change(&r)
			_, err := n.SetUp(t.Context(), by, r)
			if f := fault.From(err); !fault.Is(err, fault.CodeParameterInvalid) || f.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		n.mustHave(t)
		if _, err := n.SetUp(t.Context(), by, request(token)); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// As soon as there is an organization no link works, whoever made it: also on a node
// that has not heard of it.
func TestAnyOrganizationEndsAllLinks(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		n, elsewhere := newNode(db), newNode(db)
		token := n.mustLink(t)
		if _, err := elsewhere.dir.CreateOrganization(t.Context(), audit.ByOperator(), directory.NewOrganization{Name: "First"}); err != nil {
			t.Fatal(err)
		}
		if !n.dir.Empty() || elsewhere.dir.Empty() {
			t.Fatal("the node has heard of the organization")
		}
		if _, err := n.Check(t.Context(), token); !fault.Is(err, fault.CodeSetupDone) {
			t.Errorf("looked at: %v", err)
		}
		if _, err := n.SetUp(t.Context(), by, request(token)); !fault.Is(err, fault.CodeSetupDone) {
			t.Errorf("used: %v", err)
		}
		n.mustHave(t, "First")
	})
}

// Of many who set up at once, with one link and with others, on several nodes, one makes
// the organization.
func TestOneOfManyMakesTheOrganization(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			nodes := []*node{newNode(storetest.At(t, address, nil))}
			if engine == "postgres" {
				nodes = append(nodes, newNode(storetest.At(t, address, nil)))
			}
			var tokens []string
			for _, n := range nodes {
				tokens = append(tokens, n.mustLink(t), n.mustLink(t))
			}
			var (
				working sync.WaitGroup
				mu      sync.Mutex
				made    []string
			)
			for i := range 24 {
				working.Go(func() {
					r := request(tokens[i%len(tokens)])
					r.Organization = fmt.Sprint("Example ", i)
					_, err := nodes[i/2%len(nodes)].SetUp(context.Background(), by, r)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						made = append(made, r.Organization)
					case !fault.Is(err, fault.CodeSetupDone):
						t.Errorf("%s: %v", r.Organization, err)
					}
				})
			}
			working.Wait()
			if len(made) != 1 {
				t.Errorf("made %q", made)
			}
			nodes[0].mustHave(t, made...)
		})
	}
}

// The database holds no link that anybody could use, and forgets those that are over.
func TestLinksAtRest(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.BothEngines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := storetest.Ready(t, engine)
			n := newNode(storetest.At(t, address, nil))
			secret := strings.TrimPrefix(n.mustLink(t), setup.Prefix)
			if found, ok := storetest.Traces(t, address, secret); ok && len(found) > 0 {
				t.Errorf("the link is in %v", found)
			}
			n.at = n.at.Add(setup.Life)
			n.mustLink(t)
			_, raw := storetest.Raw(t, address)
			var rows int
			if err := raw.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM setup`).Scan(&rows); err != nil || rows != 1 {
				t.Errorf("%d links are kept, %v", rows, err)
			}
		})
	}
}
