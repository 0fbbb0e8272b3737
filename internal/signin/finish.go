package signin

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

// Finish is a sign-in that a provider has confirmed.
type Finish struct {
	Source    Source            // as it was read for this
	Identity  Identity          // as its provider has told it
	StateHash [sha256.Size]byte // of what the browser has begun with
	Until     time.Time         // when that is over
	Device    string            // as account.Device tells it
	Held      account.HeldList  // the browser's sessions
	Replace   bool              // a session of somebody else in the organization ends
}

// The longest texts of an identity.
const (
	maxSubject = 255 // bytes
	maxShown   = 100 // characters
	maxClaim   = 254 // characters, of a claim that may find somebody
)

// clean returns the identity with what may be shown of it, or fails with
// CodeSignInRefused for a subject that is none.
func (i Identity) clean() (Identity, error) {
	if i.Subject == "" || len(i.Subject) > maxSubject || !utf8.ValidString(i.Subject) || strings.ContainsFunc(i.Subject, unicode.IsControl) {
		return i, fault.New(fault.CodeSignInRefused, "the source does not say who somebody is")
	}
	i.Shown = plain(i.Shown)
	if i.Shown == "" {
		i.Shown = plain(i.Subject)
	}
	return i, nil
}

// plain is a text as it may be shown: without characters that are not visible, and cut.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
	if all := []rune(strings.TrimSpace(text)); len(all) > maxShown {
		return string(all[:maxShown-1]) + "…"
	}
	return strings.TrimSpace(text)
}

// Finish signs in the person whose identity it is; one that is nobody's becomes the
// person's whom the source's Match finds. It fails with a WaitingError where there is
// none; with Expired for a state that was used or whose time is over, for a source that
// is not on, and for one whose settings have changed; with CodeSignInOff for a
// person who is disabled; and with CodeSignedInAsOther, without using the state, where the browser has
// a session of somebody else and Replace is not set.
func (s *Service) Finish(ctx context.Context, by audit.By, f Finish) (account.SignedIn, error) {
	p, err := s.provider(f.Source.Kind)
	if err != nil {
		return account.SignedIn{}, err
	}
	i, err := f.Identity.clean()
	if err != nil {
		return account.SignedIn{}, err
	}
	at := s.at()
	if !at.Before(f.Until) {
		return account.SignedIn{}, Expired()
	}
	held := f.Held.Of(f.Source.Organization)
	current, err := s.deps.Accounts.Current(ctx, held)
	if err != nil {
		return account.SignedIn{}, fmt.Errorf("signin.Finish: %w", err)
	}
	match := p.Match(f.Source.Settings)
	a := Arrival{
		Organization: f.Source.Organization, SourceID: f.Source.ID, Subject: i.Subject, Lookup: lookup(match, i),
		StateHash: f.StateHash, Until: f.Until, At: at, Replaces: account.Proofs(held), Waiting: Waiting{Shown: i.Shown, Ref: newRef()},
	}
	e := entering{f: f, by: by, at: at, match: match, current: current}
	out, err := s.deps.Store.Arrive(ctx, a, e.decide)
	if out.Ended || err != nil { // after a failure too: it may have been committed
		s.deps.Accounts.CredentialsEnded()
	}
	switch {
	case err != nil:
		return account.SignedIn{}, fmt.Errorf("signin.Finish: %w", err)
	case out.Person == nil:
		return account.SignedIn{}, &WaitingError{Shown: i.Shown, Source: f.Source.Name, Ref: out.Ref}
	}
	return account.SignedIn{Value: e.value, Viewer: account.Viewer{
		Organization: a.Organization, Ordinal: out.Person.Ordinal, Userid: out.Person.Userid, Name: out.Person.Name,
		Credential: account.Credential{Session: true, ID: e.session.ID},
	}}, nil
}

// entering decides about somebody who arrives.
type entering struct {
	f       Finish
	by      audit.By
	at      time.Time
	match   Match
	current account.Viewer

	session account.StoredSession // of the last decision
	value   string
}

func (e *entering) decide(c Contact) (Decision, error) {
	if !bytes.Equal(c.Source.Settings, e.f.Source.Settings) {
		return Decision{}, Expired()
	}
	p, link, err := admit(c)
	if err != nil || p == nil {
		return Decision{}, err
	}
	if !e.f.Replace && e.current != (account.Viewer{}) && e.current.Ordinal != p.Ordinal {
		return Decision{}, account.SignedInAsOther()
	}
	e.session, e.value = account.NewSession(c.Source.Organization, p.Ordinal, e.f.Device, e.at)
	e.session.SourceID = c.Source.ID
	e.session.ExpiresAt = e.at.Add(min(time.Duration(c.Source.SessionDays)*24*time.Hour, account.SessionLife))
	d := Decision{Person: p, Link: link, Session: e.session}
	if link {
		by := e.by
		by.Actor, by.Credential = audit.Person(c.Source.Organization, p.Ordinal), audit.SignInSource
		d.Entries = []audit.Entry{{
			Organization: c.Source.Organization, At: e.at, By: by, Action: audit.IdentityLink, Subject: audit.PersonSubject(p.Ordinal),
			About: []string{audit.SourceSubject(c.Source.ID)}, Details: audit.Details{"found_by": string(e.match.Field)},
		}}
	}
	return d, nil
}

// admit decides who somebody is: the person whose identity it is, or else the one whom
// the source finds, if it may. It fails with CodeSignInOff; nil: they wait.
//
// The source may find only one living person, who is not disabled, has no role beyond
// employee and no identity of the source yet. So nobody gets at the rights of others by
// a name or a mail that a provider lets people choose.
func admit(c Contact) (p *Person, link bool, err error) {
	switch {
	case c.Linked != nil && c.Linked.Disabled:
		return nil, false, fault.New(fault.CodeSignInOff, "your account here is disabled")
	case c.Linked != nil:
		return c.Linked, false, nil
	case len(c.Found) != 1:
		return nil, false, nil
	}
	one := c.Found[0]
	// A role that this version does not know is one beyond employee.
	if one.Disabled || one.Linked || !slices.Equal(one.Roles, []string{string(policy.Employee)}) {
		return nil, false, nil
	}
	return &one, true, nil
}

// lookup is by what a source finds somebody; nothing where it must not.
func lookup(m Match, i Identity) Lookup {
	value := norm.NFC.String(i.Claims[m.Claim])
	if m.Field == "" || value == "" || utf8.RuneCountInString(value) > maxClaim || strings.ContainsFunc(value, unicode.IsControl) {
		return Lookup{}
	}
	switch m.Field {
	case Userid, JobNumber:
		return Lookup{m.Field, []string{value}}
	case Mobile:
		if forms := directory.MobileForms(value); len(forms) > 0 {
			return Lookup{m.Field, forms}
		}
	case Email:
		if mail := lowerASCII(value); m.vouched(mail, i) {
			return Lookup{m.Field, []string{mail}}
		}
	}
	return Lookup{}
}

// vouched reports whether a mail is somebody's: the provider has verified it, or it is of
// a domain that the organization has declared.
func (m Match) vouched(mail string, i Identity) bool {
	at := strings.LastIndexByte(mail, '@')
	if at <= 0 || mail == "" {
		return false
	}
	return m.Claim == "email" && i.EmailVerified || slices.Contains(m.Domains, mail[at+1:])
}

// lowerASCII is a mail in lower case; "" for one with other characters, which databases
// do not agree about.
func lowerASCII(text string) string {
	for _, c := range []byte(text) {
		if c >= utf8.RuneSelf {
			return ""
		}
	}
	return strings.ToLower(text)
}

const refLength = 8 // characters of base32; a name that people read out, not a secret

// newRef makes a code such as K3F9-7QXA.
func newRef() string {
	text := rand.Text()[:refLength]
	return text[:refLength/2] + "-" + text[refLength/2:]
}

// ParseRef reads a code as people write it; "" for none.
func ParseRef(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, text)
	if len(text) != refLength {
		return ""
	}
	return text[:refLength/2] + "-" + text[refLength/2:]
}
