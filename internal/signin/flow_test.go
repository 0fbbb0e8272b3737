package signin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/signin"
)

// pretend is a provider and the sources of an organization: everybody who brings a code is
// who the code says.
type pretend struct {
	sources map[string]signin.Source
	off     map[string]bool
	fails   error

	mu       sync.Mutex
	asked    []signin.Ask
	brought  []signin.Back
	finished []signin.Finish
	tried    []signin.Identity
}

func (p *pretend) Check(s json.RawMessage, _ bool) (json.RawMessage, error) { return s, nil }
func (p *pretend) Fixed(_, _ json.RawMessage) string                        { return "" }
func (p *pretend) Match(json.RawMessage) signin.Match                       { return signin.Match{} }

func (p *pretend) Test(context.Context, signin.Source, string) []signin.Step { return nil }

func (p *pretend) Address(_ context.Context, s signin.Source, a signin.Ask) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, a)
	return "https://id.example.com/" + s.ID, p.fails
}

func (p *pretend) Identify(_ context.Context, _ signin.Source, secret string, b signin.Back) (signin.Identity, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if secret != "a secret" {
		return signin.Identity{}, errors.New("another secret")
	}
	p.brought = append(p.brought, b)
	if b.Refused != "" {
		return signin.Identity{}, errors.New(b.Refused)
	}
	return signin.Identity{Subject: b.Code, Claims: map[string]string{"email": "ann@example.com", "long": strings.Repeat("x", 2000)}}, p.fails
}

func (p *pretend) Usable(_ context.Context, id string) (signin.Source, string, error) {
	s, ok := p.sources[id]
	if !ok || p.off[id] {
		return signin.Source{}, "", fault.New(fault.CodeNotFound, "no such source")
	}
	return s, "a secret", nil
}

func (p *pretend) ToTry(_ context.Context, organization int64, id string) (signin.Source, string, error) {
	s, ok := p.sources[id]
	if !ok || s.Organization != organization {
		return signin.Source{}, "", fault.New(fault.CodeNotFound, "no such source")
	}
	return s, "a secret", nil
}

func (p *pretend) Finish(_ context.Context, _ audit.By, f signin.Finish) (account.SignedIn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, before := range p.finished {
		if before.StateHash == f.StateHash {
			return account.SignedIn{}, signin.Expired()
		}
	}
	p.finished = append(p.finished, f)
	return account.SignedIn{Value: "tds_of_" + f.Identity.Subject}, nil
}

func (p *pretend) Tried(_ context.Context, _ audit.By, _ signin.Source, i signin.Identity) (signin.Trial, error) {
	p.tried = append(p.tried, i)
	return signin.Trial{Claims: i.Claims}, nil
}

const (
	sourceOne = "17_aaaaaaaaaaaaaaaa"
	sourceTwo = "17_bbbbbbbbbbbbbbbb"
)

// journey is a browser that signs in.
type journey struct {
	*signin.Flow
	*pretend
	at   time.Time
	kept []signin.Kept
}

func newJourney(tb testing.TB) *journey {
	tb.Helper()
	keys, err := masterkey.Create(filepath.Join(tb.TempDir(), "key"))
	if err != nil {
		tb.Fatal(err)
	}
	j := &journey{pretend: &pretend{off: map[string]bool{}, sources: map[string]signin.Source{}}, at: time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)}
	for _, id := range []string{sourceOne, sourceTwo} {
		j.sources[id] = signin.Source{Organization: 17, ID: id, Kind: "pretend", Name: "Example", Settings: json.RawMessage(`{}`)}
	}
	j.Flow = signin.NewFlow(signin.FlowDeps{
		Sources: j.pretend, Providers: map[string]signin.Provider{"pretend": j.pretend}, Keys: keys,
		Address: func() string { return "https://tidings.example.com" }, Now: func() time.Time { return j.at },
	})
	return j
}

// mustBegin returns the state that the provider gets.
func (j *journey) mustBegin(tb testing.TB, source, returnTo string) string {
	tb.Helper()
	b, err := j.Begin(tb.Context(), signin.Begin{Source: source, ReturnTo: returnTo, Tries: j.kept})
	if err != nil {
		tb.Fatal(err)
	}
	return j.keep(b)
}

// keep does what the browser does with cookies.
func (j *journey) keep(b signin.Begun) string {
	kept := []signin.Kept{b.Keep}
	for _, k := range j.kept {
		dropped := false
		for _, name := range b.Drop {
			dropped = dropped || name == k.Name
		}
		if !dropped {
			kept = append(kept, k)
		}
	}
	j.kept = kept
	return j.asked[len(j.asked)-1].State
}

func (j *journey) back(ctx context.Context, source, query string) (signin.Returned, error) {
	return j.Return(ctx, audit.By{}, signin.Return{Source: source, Query: query, Tries: j.kept})
}

func TestFlow(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	state := j.mustBegin(t, sourceOne, "/console/apps?org=1")
	ask := j.asked[0]
	if want := "https://tidings.example.com/sign-in/" + sourceOne + "/callback"; ask.RedirectURI != want || len(ask.Verifier) < 43 || len(ask.Nonce) < 20 || len(state) != 26 {
		t.Errorf("asks with %+v", ask)
	}
	done, err := j.back(t.Context(), sourceOne, "code=ann&session_state=x&session_state=y&state="+state)
	if err != nil {
		t.Fatal(err)
	}
	if done.SignedIn.Value != "tds_of_ann" || done.ReturnTo != "/console/apps?org=1" || done.Drop != state[:8] || done.Trying {
		t.Errorf("returned %+v", done)
	}
	if b := j.brought[0]; b.Nonce != ask.Nonce || b.Verifier != ask.Verifier || b.RedirectURI != ask.RedirectURI || b.HasIssuer {
		t.Errorf("brought %+v, asked with %+v", b, ask)
	}
	f := j.finished[0]
	if !f.Until.Equal(j.at.Add(signin.TryLife)) || !f.Replace {
		t.Errorf("finished %+v", f)
	}
	if _, err := j.back(t.Context(), sourceOne, "code=ann&state="+state); !fault.Is(err, fault.CodeSignInExpired) {
		t.Errorf("a second time: %v", err)
	}
}

// What is not in order is refused before a provider is asked.
func TestReturningRefused(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	state := j.mustBegin(t, sourceOne, "")
	good := "code=ann&state=" + state
	for name, c := range map[string]struct {
		source, query string
		kept          []signin.Kept
		code          fault.Code
	}{
		"an unknown source":      {"17_zzzzzzzzzzzzzzzz", good, j.kept, fault.CodeNotFound},
		"no source":              {"", good, j.kept, fault.CodeNotFound},
		"a malformed source":     {"../" + sourceOne, good, j.kept, fault.CodeNotFound},
		"another source":         {sourceTwo, good, j.kept, fault.CodeSignInExpired},
		"another browser":        {sourceOne, good, nil, fault.CodeSignInElsewhere},
		"another browser's try":  {sourceOne, good, []signin.Kept{{Name: state[:8], Value: "1.AAAA"}}, fault.CodeSignInElsewhere},
		"a try by another name":  {sourceOne, good, []signin.Kept{{Name: "aaaaaaaa", Value: j.kept[0].Value}}, fault.CodeSignInElsewhere},
		"a state that begins so": {sourceOne, "code=ann&state=" + state[:25] + flip(state[25:]), j.kept, fault.CodeSignInElsewhere},
		"no state":               {sourceOne, "code=ann", j.kept, fault.CodeSignInExpired},
		"two states":             {sourceOne, good + "&state=" + state, j.kept, fault.CodeSignInExpired},
		"two codes":              {sourceOne, good + "&code=bob", j.kept, fault.CodeSignInExpired},
		"no code":                {sourceOne, "state=" + state, j.kept, fault.CodeSignInExpired},
		"a code and an error":    {sourceOne, good + "&error=access_denied", j.kept, fault.CodeSignInExpired},
		"a long code":            {sourceOne, "code=" + strings.Repeat("a", 2049) + "&state=" + state, j.kept, fault.CodeSignInExpired},
		"a long state":           {sourceOne, "code=a&state=" + strings.Repeat("a", 2049), j.kept, fault.CodeSignInExpired},
		"a NUL":                  {sourceOne, "code=a%00b&state=" + state, j.kept, fault.CodeSignInExpired},
		"no text":                {sourceOne, "code=%ff&state=" + state, j.kept, fault.CodeSignInExpired},
		"a query that is none":   {sourceOne, "code=%zz&state=" + state, j.kept, fault.CodeSignInExpired},
		"semicolons":             {sourceOne, "code=ann;state=" + state, j.kept, fault.CodeSignInExpired},
		"nothing":                {sourceOne, "", j.kept, fault.CodeSignInExpired},
		"two issuers":            {sourceOne, good + "&iss=a&iss=b", j.kept, fault.CodeSignInExpired},
		"a state in capitals":    {sourceOne, "code=ann&state=" + strings.ToUpper(state), j.kept, fault.CodeSignInExpired},
	} {
		done, err := j.Return(t.Context(), audit.By{}, signin.Return{Source: c.source, Query: c.query, Tries: c.kept})
		if !fault.Is(err, c.code) || done.SignedIn.Value != "" {
			t.Errorf("%s: %+v, %v, want %s", name, done, err, c.code)
		}
	}
	if len(j.brought) != 0 || len(j.finished) != 0 {
		t.Fatalf("the provider was asked: %+v", j.brought)
	}
	j.at = j.at.Add(signin.TryLife)
	if done, err := j.back(t.Context(), sourceOne, good); !fault.Is(err, fault.CodeSignInExpired) || done.Drop != state[:8] {
		t.Errorf("too late: %+v, %v", done, err)
	}
	j.at = j.at.Add(-time.Millisecond)
	if _, err := j.back(t.Context(), sourceOne, good); err != nil {
		t.Errorf("in the last moment: %v", err)
	}
}

func flip(letter string) string {
	if letter == "a" {
		return "b"
	}
	return "a"
}

// What a provider says instead of who somebody is never reaches them.
func TestProvidersWords(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	for code, fails := range map[fault.Code]error{
		fault.CodeSignInSourceDown: fmt.Errorf("asking: %w", &signin.UnreachableError{Err: errors.New("hunter2" + strings.Repeat("x", 1<<20))}),
		fault.CodeSignInRefused:    errors.New("hunter2" + strings.Repeat("x", 1<<20)),
	} {
		j.fails = nil
		state := j.mustBegin(t, sourceOne, "/console/")
		j.fails = fails
		done, err := j.back(t.Context(), sourceOne, "code=ann&state="+state)
		f := fault.From(err)
		if f.Code != code || strings.Contains(f.Text, "hunter2") || !strings.Contains(err.Error(), "hunter2") || len(err.Error()) > 1000 || done.ReturnTo != "/console/" || done.Source.Name != "Example" {
			t.Errorf("%.200v, want %s", err, code)
		}
	}
	j.fails = &signin.UnreachableError{Err: errors.New("hunter2")}
	if _, err := j.Begin(t.Context(), signin.Begin{Source: sourceOne}); !fault.Is(err, fault.CodeSignInSourceDown) || strings.Contains(fault.From(err).Text, "hunter2") {
		t.Errorf("beginning: %.200v", err)
	}
	j.fails = nil
	state := j.mustBegin(t, sourceOne, "")
	if _, err := j.back(t.Context(), sourceOne, "error=access_denied&error_description=hunter2&state="+state); !fault.Is(err, fault.CodeSignInRefused) || strings.Contains(fault.From(err).Text, "access_denied") {
		t.Errorf("an error: %v", err)
	}
}

// People do not sign in with a source that is off, nor begin; whoever had begun neither.
func TestFlowOfASourceThatIsOff(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	state := j.mustBegin(t, sourceOne, "")
	j.off[sourceOne] = true
	if _, err := j.back(t.Context(), sourceOne, "code=ann&state="+state); !fault.Is(err, fault.CodeSignInExpired) {
		t.Errorf("coming back: %v", err)
	}
	if _, err := j.Begin(t.Context(), signin.Begin{Source: sourceOne}); !fault.Is(err, fault.CodeNotFound) {
		t.Errorf("beginning: %v", err)
	}
	if len(j.brought) != 0 {
		t.Error("the provider was asked")
	}
}

// A browser keeps five tries at most, the newest.
func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	var states []string
	for i := range 8 {
		states = append(states, j.mustBegin(t, sourceOne, "/"+fmt.Sprint(i)))
		j.at = j.at.Add(time.Second)
	}
	if len(j.kept) != 5 {
		t.Fatalf("%d are kept", len(j.kept))
	}
	for i, state := range states {
		_, err := j.back(t.Context(), sourceOne, "code=ann&state="+state)
		if i < 3 && !fault.Is(err, fault.CodeSignInElsewhere) || i >= 3 && err != nil {
			t.Errorf("try %d: %v", i, err)
		}
	}
	for range 4 {
		j.mustBegin(t, sourceOne, "/"+strings.Repeat("a", 2047))
	}
	size := 0
	for _, k := range j.kept {
		size += len(k.Value)
	}
	if size > 8<<10 {
		t.Errorf("%d bytes of cookies", size)
	}
	j.at = j.at.Add(time.Hour)
	if j.mustBegin(t, sourceOne, ""); len(j.kept) != 1 {
		t.Errorf("%d are kept of what is over", len(j.kept))
	}
}

// Many browsers that come back with the same: one is signed in.
func TestOneOfMany(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	state := j.mustBegin(t, sourceOne, "")
	var all sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for range 50 {
		all.Go(func() {
			if _, err := j.back(t.Context(), sourceOne, "code=ann&state="+state); err == nil {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	if all.Wait(); in != 1 {
		t.Errorf("%d are signed in", in)
	}
}

// Trying a source signs nobody in; the one who tried it hears what it came to.
func TestTrial(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	j.off[sourceOne] = true
	by := audit.By{Actor: audit.Person(17, 3)}
	begin := func() string {
		t.Helper()
		b, err := j.BeginTrial(t.Context(), 17, 3, signin.Begin{Source: sourceOne, ReturnTo: "/console/", Tries: j.kept})
		if err != nil {
			t.Fatal(err)
		}
		return j.keep(b)
	}
	done, err := j.back(t.Context(), sourceOne, "code=ann&state="+begin())
	if err != nil || done.Trial == "" || !done.Trying || done.SignedIn.Value != "" || len(j.finished) != 0 || len(done.Trial) > 3000 {
		t.Fatalf("%+v, %v", done, err)
	}
	for name, c := range map[string]struct {
		by           audit.By
		organization int64
		source       string
		sealed       string
	}{
		"somebody else":     {audit.By{Actor: audit.Person(17, 4)}, 17, sourceOne, done.Trial},
		"elsewhere":         {audit.By{Actor: audit.Person(18, 3)}, 18, sourceOne, done.Trial},
		"nobody":            {audit.By{}, 17, sourceOne, done.Trial},
		"of another source": {by, 17, sourceTwo, done.Trial},
		"nothing":           {by, 17, sourceOne, ""},
		"a try":             {by, 17, sourceOne, j.kept[0].Value},
	} {
		if got, err := j.pretendTried(t, c.by, c.organization, c.source, c.sealed); !fault.Is(err, fault.CodeSignInExpired) && !fault.Is(err, fault.CodeNotFound) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if len(j.tried) != 0 {
		t.Fatalf("tried %+v", j.tried)
	}
	trial, err := j.pretendTried(t, by, 17, sourceOne, done.Trial)
	if err != nil || trial.Claims["email"] != "ann@example.com" || trial.Claims["long"] != "" || j.tried[0].Subject != "ann" {
		t.Errorf("%+v, %v", trial, err)
	}
	changed := j.sources[sourceOne]
	changed.Settings = json.RawMessage(`{"a":1}`)
	j.sources[sourceOne] = changed
	if _, err := j.pretendTried(t, by, 17, sourceOne, done.Trial); !fault.Is(err, fault.CodeSignInExpired) {
		t.Errorf("other settings: %v", err)
	}
	done, err = j.back(t.Context(), sourceOne, "code=ann&state="+begin())
	j.at = j.at.Add(signin.TryLife)
	if _, late := j.pretendTried(t, by, 17, sourceOne, done.Trial); err != nil || !fault.Is(late, fault.CodeSignInExpired) {
		t.Errorf("too late: %v, %v", err, late)
	}
}

func (j *journey) pretendTried(t *testing.T, by audit.By, organization int64, source, sealed string) (signin.Trial, error) {
	t.Helper()
	return j.Flow.Tried(t.Context(), by, organization, source, sealed)
}

func TestReturnTo(t *testing.T) {
	t.Parallel()
	for asked, want := range map[string]string{
		"/": "/", "/console/apps?org=a&b=c#top": "/console/apps?org=a&b=c#top", "/?then=https://example.com/": "/?then=https://example.com/", "/%5c": "/%5c", "/a//b": "/a//b",
		"/" + strings.Repeat("a", 2047): "/" + strings.Repeat("a", 2047),
		"":                              "/", "//example.com": "/", "///example.com": "/", `/\example.com`: "/", `\/example.com`: "/", "https://example.com/": "/", "javascript:alert(1)": "/", "console": "/",
		"/\t/example.com": "/", "/\r\n/example.com": "/", "/\x00": "/", "/ a": "/", "/é": "/", "/a\x7f": "/", "/%zz": "/", "/" + strings.Repeat("a", 2048): "/", `/a\b`: "/",
	} {
		if got := signin.ReturnTo(asked); got != want {
			t.Errorf("%q: %q, want %q", asked, got, want)
		}
	}
}

// Whatever comes back in a query, nobody is signed in but by their own state, and nothing
// panics.
func FuzzReturn(f *testing.F) {
	j := newJourney(f)
	state := j.mustBegin(f, sourceOne, "")
	for _, seed := range []string{"", "code=a&state=" + state, "code=a&state=b", "error=x&state=" + state, "code=%00&state=%ff", "state=" + state + "&state=" + state, "code=a;state=b", "a=&&&=", strings.Repeat("a=b&", 1000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		j.finished = nil
		done, err := j.back(t.Context(), sourceOne, query)
		values, bad := url.ParseQuery(query)
		if err == nil && (bad != nil || values.Get("state") != state || len(values["state"]) != 1 || len(values["code"]) != 1) {
			t.Errorf("%q signs in: %+v", query, done)
		}
		if err != nil && fault.From(err).Kind == fault.Internal {
			t.Errorf("%q: %v", query, err)
		}
	})
}
