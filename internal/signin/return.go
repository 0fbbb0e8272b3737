package signin

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// maxAnswer is the most bytes of a parameter that a browser brings back.
const maxAnswer = 2 << 10

// Return is a browser that comes back from a provider.
type Return struct {
	Source string // the id in its address
	Query  string // as it came
	Tries  []Kept // what the browser keeps
	Device string // as account.Device tells it
	Held   account.HeldList
}

// Returned is what the browser does next, whether Return succeeds or not.
type Returned struct {
	SignedIn account.SignedIn // zero for a trial
	Source   Source           // zero for one that is not there
	ReturnTo string           // where somebody was going
	Drop     string           // the name of the try that is over; may be empty
	Trying   bool             // it is a trial
	Trial    string           // what Tried takes, sealed, for TryLife; "" for those who sign in
}

// Return signs somebody in who comes back from a provider. by says where the request comes
// from. It fails with
//   - CodeNotFound for a source that is not there;
//   - CodeSignInExpired when it took longer than TryLife, was finished before, when people do
//     not sign in with the source, and when what the browser brings cannot be read;
//   - CodeSignInElsewhere when it was begun in another browser;
//   - CodeSignInSourceDown and CodeSignInRefused as the provider answers;
//   - what Finish fails with.
//
// Nothing is dialled before all that the browser brings is in order.
func (f *Flow) Return(ctx context.Context, by audit.By, r Return) (Returned, error) {
	s, secret, usable, err := f.source(ctx, r.Source)
	if err != nil {
		return Returned{}, fmt.Errorf("signin.Return: %w", err)
	}
	done := Returned{Source: s, ReturnTo: "/"}
	p, err := f.redirecting(s)
	if err != nil {
		return Returned{}, err
	}
	a, ok := readAnswer(r.Query)
	if !ok {
		return done, Expired()
	}
	t, err := f.find(r, a.state)
	if err != nil {
		return done, err
	}
	done.Drop, done.ReturnTo, done.Trying = t.State[:nameLen], ReturnTo(t.ReturnTo), t.Tester != 0
	if !f.deps.Now().Before(t.until()) || t.Tester == 0 && !usable {
		return done, Expired()
	}
	id, err := p.Identify(ctx, s, secret, Back{
		RedirectURI: t.RedirectURI, Nonce: t.Nonce, Verifier: t.Verifier, Code: a.code, Issuer: a.issuer, HasIssuer: a.hasIssuer, Refused: a.refused,
	})
	if err != nil {
		return done, explain(s, err)
	}
	if t.Tester != 0 {
		done.Trial, err = newTrial(s, t, id).seal(f.deps.Keys)
		return done, err
	}
	// Whoever began in this browser is who comes back to it, so their new session takes
	// the place of whatever the browser had in this organization.
	done.SignedIn, err = f.deps.Sources.Finish(ctx, by, Finish{
		Source: s, Identity: id, StateHash: t.hash(), Until: t.until(), Device: r.Device, Held: r.Held, Replace: true,
	})
	return done, err
}

// source returns a source, and whether people sign in with it.
func (f *Flow) source(ctx context.Context, id string) (s Source, secret string, usable bool, err error) {
	s, secret, err = f.deps.Sources.Usable(ctx, id)
	if organization, ok := ParseID(id); ok && fault.Is(err, fault.CodeNotFound) {
		s, secret, err = f.deps.Sources.ToTry(ctx, organization, id)
		return s, secret, false, err
	}
	return s, secret, err == nil, err
}

// find returns the try that a state belongs to, of those that the browser keeps.
func (f *Flow) find(r Return, state string) (try, error) {
	i := slices.IndexFunc(r.Tries, func(k Kept) bool { return k.Name == state[:nameLen] })
	if i < 0 {
		return try{}, elsewhere()
	}
	t, ok := open(f.deps.Keys, r.Tries[i])
	switch {
	case !ok || subtle.ConstantTimeCompare([]byte(t.State), []byte(state)) == 0:
		return try{}, elsewhere()
	case t.Source != r.Source: // the answer of one provider at another one's address
		return try{}, Expired()
	}
	return t, nil
}

// answer is what a provider tells by way of the browser.
type answer struct {
	state, code, issuer, refused string
	hasIssuer                    bool
}

// readAnswer reads the query of a browser that comes back; false for one that no provider
// sends: a parameter twice, too long, or no text, or no state that we made.
func readAnswer(query string) (a answer, ok bool) {
	all, err := url.ParseQuery(query)
	if err != nil {
		return answer{}, false
	}
	for name, to := range map[string]*string{"state": &a.state, "code": &a.code, "iss": &a.issuer, "error": &a.refused} {
		values := all[name]
		if len(values) > 1 {
			return answer{}, false
		}
		if len(values) == 1 {
			*to = values[0]
		}
		if len(*to) > maxAnswer || !utf8.ValidString(*to) || strings.ContainsRune(*to, 0) {
			return answer{}, false
		}
	}
	a.hasIssuer = all.Has("iss")
	strange := strings.ContainsFunc(a.state, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') })
	if len(a.state) != stateLen || strange || (a.code == "") == (a.refused == "") {
		return answer{}, false
	}
	return a, true
}

func elsewhere() error {
	return fault.New(fault.CodeSignInElsewhere, "this was begun in another browser: start again here")
}
