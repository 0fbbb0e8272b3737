package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/tidings-im/tidings/internal/account"
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
func (a *api) signIn(ctx context.Context, v *visit, in *signInRequest) (*signInAnswer, error) {
	begun, err := a.Accounts.SignIn(ctx, account.SignInRequest{
		Link: in.Body.Link, Device: account.Device(in.UserAgent), Held: v.held, Replace: in.Body.Replace,
	})
	if err != nil {
		return nil, err
	}
	who, err := a.signedIn(ctx, begun.Viewer)
	if err != nil {
		return nil, err
	}
	return &signInAnswer{SetCookie: a.cookie(begun.Viewer.Organization, begun.Value, account.SessionLife), Body: who}, nil
}

func (a *api) signedIn(ctx context.Context, v account.Viewer) (SignedIn, error) {
	o, err := a.Organizations.Organization(ctx, v.Organization)
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
func (a *api) describeLink(ctx context.Context, v *visit, in *linkRequest) (*offerAnswer, error) {
	offer, err := a.Accounts.Offer(ctx, in.Body.Link, v.held)
	if err != nil {
		return nil, err
	}
	out := &offerAnswer{}
	if out.Body.Link, err = a.signedIn(ctx, offer.Link); err != nil || offer.Current == (account.Viewer{}) {
		return out, err
	}
	now, err := a.signedIn(ctx, offer.Current)
	out.Body.Current = &now
	return out, err
}

// cookie keeps a session in the browser for a while, or removes it from there
// if that is no time at all.
func (a *api) cookie(organization int64, value string, life time.Duration) http.Cookie {
	c := http.Cookie{
		Name: a.Cookies.Name(organization), Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: a.Cookies.Secure, SameSite: http.SameSiteLaxMode,
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

func (a *api) sessions(ctx context.Context, v *visit, _ *struct{}) (*sessionsAnswer, error) {
	all, err := a.Accounts.Sessions(ctx, v.viewer.Organization, v.viewer.Ordinal)
	if err != nil {
		return nil, err
	}
	by := v.viewer.Credential
	items := make([]Session, 0, len(all))
	for _, s := range all {
		items = append(items, Session{
			SessionID: s.ID, Device: s.Device, CreatedAt: s.CreatedAt, SeenAt: s.SeenAt, Current: by.Session && s.ID == by.ID,
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

// endSession ends one of the person's sessions. When it is the one that asks,
// the browser forgets it too.
func (a *api) endSession(ctx context.Context, v *visit, in *endSessionRequest) (*endSessionAnswer, error) {
	by, id := v.viewer.Credential, in.ID
	if id == current && by.Session {
		id = by.ID
	}
	if err := a.Accounts.EndSession(ctx, v.asker.By, v.viewer.Organization, v.viewer.Ordinal, id); err != nil {
		return nil, err
	}
	out := &endSessionAnswer{}
	if by.Session && id == by.ID {
		out.SetCookie = append(out.SetCookie, a.cookie(v.viewer.Organization, "", 0))
		out.ClearData = clearAll
		if held := v.held; len(held.Of(v.viewer.Organization)) < len(held) {
			out.ClearData = clearCache
		}
	}
	return out, nil
}
