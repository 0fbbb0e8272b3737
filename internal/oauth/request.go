package oauth

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

// Request is what a program asks for in the address of our page, as it stands there.
type Request struct {
	Kind         string // of the code that it asks for: AuthCode, which "" is as well, or SNSCode
	ClientID     string // the app's key
	RedirectURI  string
	ResponseType string // "code"
	Scope        string // words with blanks between; those that are not known count for nothing
	State        string // goes back as it came, at most 2,048 bytes
	Prompt       string // words; "consent" asks even whoever has consented

	// The hash of a secret of the program's (RFC 7636); both empty for none.
	CodeChallenge       string
	CodeChallengeMethod string // "S256"
}

// Client is an app that people may sign in to, as it is installed in their
// organization. Both are switched on.
type Client struct {
	Program
	Organization int64 // whose people sign in to it: that of an internal app, or one that has a third-party app installed
	AgentID      int64
	Scopes       []string        // what the app may do there, see app.Scopes
	Range        directory.Range // who may sign in to it
}

// Program is an app, internal or third-party, as it is known before anybody signs in.
type Program struct {
	Provider     int64 // the organization that it belongs to
	AppID        int64
	ThirdParty   bool
	Key          string
	Name         string
	RedirectURIs []string // as CleanRedirectURI writes them
}

// What a person allows an app to be told of them. A grant has some of these, sorted.
const (
	ToldContact = "contact" // mobile, mail: of an internal app with the scope contacts.read
	ToldCorp    = "corpid"  // which organization
	ToldName    = "openid"  // name, openid and unionid
)

// asked is a request that was found to be in order.
type asked struct {
	Request
	program Program
	to      *url.URL
}

const (
	maxState = 2048 // bytes
	maxScope = 1024
)

// challenge is the SHA-256 of a verifier, in base64url.
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// Description is what the page shows of a request.
type Description struct {
	Program Program
	Told    []string
	Asks    bool   // the person has to be asked: they have not allowed this yet, or it is to be asked anew
	Cancel  string // where the browser goes when they refuse
	Host    string // where the browser goes, with either answer
	// Outside is set when the app is not for the person.
	Outside bool
	// Missing is set when the app is not installed in the person's organization, or is
	// switched off there.
	Missing bool
}

// Describe says what a request asks of a person, nobody where viewer is nil. It fails
// with CodeAppUnknown for a client id that is no app's in use, and with
// CodeParameterInvalid, whose field is the parameter, for a request that is not in order.
// Then nothing may lead to the request's address.
func (s *Service) Describe(ctx context.Context, r Request, viewer *Viewer) (Description, error) {
	a, err := s.check(ctx, r)
	if err != nil {
		return Description{}, fmt.Errorf("oauth.Describe: %w", err)
	}
	d := Description{Program: a.program, Told: s.told(a, nil), Asks: true, Host: a.to.Host, Cancel: back(a.to, a.answer("error", "access_denied"))}
	organization := a.program.Provider
	if a.program.ThirdParty {
		if viewer == nil {
			return d, nil
		}
		organization = viewer.Organization
	}
	client, err := s.store.Client(ctx, a.program, organization)
	if a.program.ThirdParty && fault.Is(err, fault.CodeAppUnknown) {
		d.Missing = true
		return d, nil
	}
	if err != nil {
		return Description{}, fmt.Errorf("oauth.Describe: %w", err)
	}
	if d.Told = s.told(a, client.Scopes); viewer == nil || viewer.Organization != organization {
		return d, nil
	}
	if err := s.within(ctx, client, *viewer); fault.Is(err, fault.CodeUserOutside) {
		d.Outside = true
		return d, nil
	} else if err != nil {
		return Description{}, fmt.Errorf("oauth.Describe: %w", err)
	}
	g, found, err := s.store.Grant(ctx, viewer.Organization, viewer.Ordinal, a.program.AppID)
	if err != nil {
		return Description{}, fmt.Errorf("oauth.Describe: %w", err)
	}
	d.Asks = slices.Contains(strings.Fields(r.Prompt), "consent") || !found || g.RedirectURI != a.address() || !slices.Equal(g.Told, d.Told)
	return d, nil
}

// check finds the app of a request and what it asks for.
func (s *Service) check(ctx context.Context, r Request) (asked, error) {
	program, err := s.store.Program(ctx, r.ClientID)
	if err != nil {
		return asked{}, err
	}
	r.Kind = cmp.Or(r.Kind, AuthCode)
	a := asked{Request: r, program: program}
	if a.to, err = declared(program.RedirectURIs, r.RedirectURI); err != nil {
		return asked{}, err
	}
	switch {
	case r.ResponseType != "code":
		return asked{}, bad("response_type", "must be code")
	case len(r.State) > maxState || !utf8.ValidString(r.State):
		return asked{}, bad("state", "has at most 2048 bytes of UTF-8")
	case len(r.Scope) > maxScope:
		return asked{}, bad("scope", "has at most 1024 bytes")
	case r.Kind == SNSCode:
		return a, checkSNS(r)
	case r.Kind != AuthCode:
		return asked{}, bad("kind", "must be authCode or sns")
	case r.CodeChallenge == "" && r.CodeChallengeMethod == "":
	case !challenge.MatchString(r.CodeChallenge):
		return asked{}, bad("code_challenge", "has 43 characters of base64url")
	case r.CodeChallengeMethod != "S256":
		return asked{}, bad("code_challenge_method", "must be S256")
	}
	return a, nil
}

// told is what a program would be told of a person, sorted. scopes are the app's in the
// person's organization. A third-party app sees no mobiles and no mail, whatever its
// scopes are.
func (s *Service) told(a asked, scopes []string) []string {
	told := []string{ToldName}
	if a.Kind != AuthCode {
		return told
	}
	if slices.Contains(strings.Fields(a.Scope), ToldCorp) {
		told = append(told, ToldCorp)
	}
	if !a.program.ThirdParty && slices.Contains(scopes, s.contacts) {
		told = append(told, ToldContact)
	}
	slices.Sort(told)
	return told
}

// checkSNS is what is different for SNSCode: its endpoint takes no verifier, and tells
// name and ids whatever the app may read.
func checkSNS(r Request) error {
	words := strings.Fields(r.Scope)
	switch {
	case !slices.Contains(words, "snsapi_login") && !slices.Contains(words, "snsapi_auth"):
		return bad("scope", "must be snsapi_login or snsapi_auth")
	case r.CodeChallenge != "" || r.CodeChallengeMethod != "":
		return bad("code_challenge", "is for /oauth2/auth")
	}
	return nil
}

// address is the request's without its query: what a consent and a code are bound to.
func (a asked) address() string {
	whole := *a.to
	whole.RawQuery, whole.ForceQuery = "", false
	return whole.String()
}

// answer is what goes back to the program. State is there only if it was.
func (a asked) answer(name, value string) url.Values {
	v := url.Values{name: {value}}
	if a.State != "" {
		v.Set("state", a.State)
	}
	return v
}

// within fails with CodeUserOutside for whom an app's range does not have.
func (s *Service) within(ctx context.Context, c Client, v Viewer) error {
	_, err := s.people.Contact(ctx, c.viewer(), v.Userid)
	return err
}

// viewer is the app as it sees people.
func (c *Client) viewer() directory.Viewer {
	return directory.Viewer{Organization: c.Organization, Within: c.Range, Provider: c.Provider}
}

func bad(field, text string) error {
	return fault.New(fault.CodeParameterInvalid, "%s %s", field, text).WithField(field)
}
