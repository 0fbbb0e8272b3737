package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// sessionRoom begins and ends sessions.
type sessionRoom interface {
	// SignIn uses a sign-in link; CodeSignedInAsOther when that would replace
	// somebody else's session and nobody has said that it may.
	SignIn(ctx context.Context, r account.SignInRequest) (account.SignedIn, error)
	// Offer tells what SignIn would do, and does not use the link.
	Offer(ctx context.Context, link string, held account.HeldList) (account.Offer, error)
	Sessions(ctx context.Context, organization int64, ordinal uint32) ([]account.Session, error)
	// EndSession returns CodeNotFound for one that is not the person's.
	EndSession(ctx context.Context, by audit.By, organization int64, ordinal uint32, id string) error
}

// sessions is signing in and out with a browser.
type sessions struct {
	accounts      sessionRoom
	organizations Organizations
	cookies       account.Cookies
}

func (s *sessions) routes(r route.Table) {
	route.JSON(r, route.Created(route.Post("signIn", "/sessions", "Sign in with a link", signInText)), policy.Open, s.signIn)
	route.JSON(r, route.Post("describeLink", "/sign-in-links/describe", "Tell what a sign-in link would do", describeText), policy.Open, s.describeLink)
	route.JSON(r, route.Get("getSignInHelp", "/sign-in-help", "Tell whom to ask who cannot sign in", helpText), policy.Open, s.help)
	route.JSON(r, route.Get("listSessions", "/sessions", "List where one is signed in", sessionsText), policy.SessionsRead, s.list)
	route.JSON(r, route.Empty(route.Delete("endSession", "/sessions/{id}", "Sign out", signOutText)), policy.SessionsEnd, s.end)
}

const (
	signInText = "Takes a sign-in link's value and sets the cookie of its organization. A session of that organization " +
		"which the browser had before ends; when it is somebody else's, only with replace, and otherwise the answer is 409 " +
		"signed_in_as_other and the link can still be used. Links work once; why one is refused is not told."
	describeText = "Whom the link signs in, and who is signed in to that organization with this browser now. The link is not used. " +
		"One that signIn would refuse is refused here in the same words."
	helpText = "The organization's contact where the server has one organization; empty where it has several, or nobody is named. " +
		"Where there is none yet, setup says so. " +
		"Whoever is signed in finds it in listOrganizations."
	sessionsText = "The person's living sessions in this organization, newest first."
	signOutText  = "Ends one of the person's sessions, and its event streams within a second. " +
		"When it is the session of this request, its cookie is removed as well."
)

// SignInRequest is the body of signIn.
type SignInRequest struct {
	Link    string `json:"link" maxLength:"200" doc:"The value of a sign-in link: what stands behind sign-in= in its address."`
	Replace bool   `json:"replace,omitempty" doc:"End the session of somebody else that this browser has in the link's organization."`
}

// SignedIn says who has been signed in, and where.
type SignedIn struct {
	CorpID           string `json:"corp_id" doc:"The organization's id on the wire."`
	OrganizationName string `json:"organization_name" doc:"The organization's name."`
	Userid           string `json:"userid" doc:"The person, unique in their organization."`
	Name             string `json:"name" doc:"The person's name."`
}

type signInRequest struct {
	UserAgent string `header:"User-Agent" hidden:"true"`
	Body      SignInRequest
}

type signInAnswer struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      SignedIn
}

// signIn needs no credential: it makes one.
func (s *sessions) signIn(ctx context.Context, v *route.Visit, in *signInRequest) (*signInAnswer, error) {
	begun, err := s.accounts.SignIn(ctx, account.SignInRequest{
		Link: in.Body.Link, Device: account.Device(in.UserAgent), Held: v.Held, Replace: in.Body.Replace,
	})
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, begun)
}

// begun hands a session that has begun to the browser.
func (s *sessions) begun(ctx context.Context, begun account.SignedIn) (*signInAnswer, error) {
	who, err := s.signedIn(ctx, begun.Viewer)
	if err != nil {
		return nil, err
	}
	return &signInAnswer{SetCookie: s.cookie(begun.Viewer.Organization, begun.Value, account.SessionLife), Body: who}, nil
}

func (s *sessions) signedIn(ctx context.Context, v account.Viewer) (SignedIn, error) {
	o, err := s.organizations.Organization(ctx, v.Organization)
	return SignedIn{CorpID: o.CorpID, OrganizationName: o.Name, Userid: v.Userid, Name: v.Name}, err
}

// LinkRequest is the body of describeLink.
type LinkRequest struct {
	Link string `json:"link" maxLength:"200" doc:"The value of a sign-in link."`
}

// SignInOffer says whom a link signs in, and who is signed in now.
type SignInOffer struct {
	Link    SignedIn  `json:"link" doc:"Whom the link signs in, and where."`
	Current *SignedIn `json:"current" doc:"Who is signed in to that organization with this browser; null when nobody is."`
}

type (
	linkRequest struct{ Body LinkRequest }
	offerAnswer struct{ Body SignInOffer }
)

// describeLink needs no credential but the link.
func (s *sessions) describeLink(ctx context.Context, v *route.Visit, in *linkRequest) (*offerAnswer, error) {
	offer, err := s.accounts.Offer(ctx, in.Body.Link, v.Held)
	if err != nil {
		return nil, err
	}
	out := &offerAnswer{}
	if out.Body.Link, err = s.signedIn(ctx, offer.Link); err != nil || offer.Current == (account.Viewer{}) {
		return out, err
	}
	now, err := s.signedIn(ctx, offer.Current)
	out.Body.Current = &now
	return out, err
}

// cookie keeps a session in the browser for a while, or removes it from there
// if that is no time at all.
func (s *sessions) cookie(organization int64, value string, life time.Duration) http.Cookie {
	return sessionCookie(s.cookies, organization, value, life)
}

func sessionCookie(cookies account.Cookies, organization int64, value string, life time.Duration) http.Cookie {
	c := http.Cookie{
		Name: cookies.Name(organization), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: cookies.Secure, SameSite: http.SameSiteLaxMode,
	}
	if life <= 0 {
		c.MaxAge = -1
	}
	return c
}

// Session is one place where the person is signed in.
type Session struct {
	SessionID string    `json:"session_id" doc:"Names the session."`
	Device    string    `json:"device" doc:"Browser and system, as far as they said; may be empty."`
	CreatedAt time.Time `json:"created_at" doc:"When the person signed in."`
	SeenAt    time.Time `json:"seen_at" doc:"When it was used last, up to an hour late."`
	Current   bool      `json:"current" doc:"It is the session of this request."`
}

// Sessions is the answer of listSessions.
type Sessions struct {
	Items []Session `json:"items" doc:"The sessions, newest first."`
}

type sessionsAnswer struct{ Body Sessions }

func (s *sessions) list(ctx context.Context, v *route.Visit, _ *struct{}) (*sessionsAnswer, error) {
	all, err := s.accounts.Sessions(ctx, v.Viewer.Organization, v.Viewer.Ordinal)
	if err != nil {
		return nil, err
	}
	by := v.Viewer.Credential
	items := make([]Session, 0, len(all))
	for _, one := range all {
		items = append(items, Session{
			SessionID: one.ID, Device: one.Device, CreatedAt: one.CreatedAt, SeenAt: one.SeenAt, Current: by.Session && one.ID == by.ID,
		})
	}
	return &sessionsAnswer{Sessions{items}}, nil
}

// current names the credential of the request.
const current = "current"

type endSessionRequest struct {
	ID string `path:"id" maxLength:"64" doc:"A session_id of the list, or current for the session of this request."`
}

type endSessionAnswer struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	ClearData string        `header:"Clear-Site-Data"`
}

// What a browser forgets when its person signs out. What the page has stored is
// of all organizations, so it goes with the last of them; the cookies of the
// others stay.
const (
	clearCache = `"cache"`
	clearAll   = `"cache", "storage"`
)

// end ends one of the person's sessions. When it is the one that asks,
// the browser forgets it too.
func (s *sessions) end(ctx context.Context, v *route.Visit, in *endSessionRequest) (*endSessionAnswer, error) {
	by, id := v.Viewer.Credential, in.ID
	if id == current && by.Session {
		id = by.ID
	}
	if err := s.accounts.EndSession(ctx, v.Asker.By, v.Viewer.Organization, v.Viewer.Ordinal, id); err != nil {
		return nil, err
	}
	out := &endSessionAnswer{}
	if by.Session && id == by.ID {
		out.SetCookie = append(out.SetCookie, s.cookie(v.Viewer.Organization, "", 0))
		out.ClearData = clearAll
		if held := v.Held; len(held.Of(v.Viewer.Organization)) < len(held) {
			out.ClearData = clearCache
		}
	}
	return out, nil
}

// SignInHelp says whom to ask who cannot sign in.
type SignInHelp struct {
	Contact string `json:"contact" doc:"Whom to ask; may be empty."`
	Setup   bool   `json:"setup" doc:"There is no organization yet: whoever has a setup link makes it at /setup."`
}

type helpAnswer struct{ Body SignInHelp }

// help answers anybody. Where there are several organizations it names none of
// them: which there are is nobody's to know.
func (s *sessions) help(context.Context, *route.Visit, *struct{}) (*helpAnswer, error) {
	o, _ := s.organizations.Only()
	return &helpAnswer{SignInHelp{o.Contact, s.organizations.Empty()}}, nil
}
