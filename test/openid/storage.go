package openid

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	tokenLife = 5 * time.Minute
	keyID     = "1"
)

var (
	errUnknown = errors.New("not here")
	errNotMade = errors.New("this provider does not do that")
)

// storage keeps what the library asks for, in memory.
type storage struct {
	client
	secret string
	people []Person
	key    *ecdsa.PrivateKey

	mu       sync.Mutex
	requests map[string]*request // by id
	codes    map[string]string   // ids by code
	tokens   map[string]string   // subjects by token id
}

func newStorage(o Options) (*storage, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("openid.New: %w", err)
	}
	s := &storage{
		client: client{id: o.ClientID}, secret: o.ClientSecret, people: o.People, key: key,
		requests: map[string]*request{}, codes: map[string]string{}, tokens: map[string]string{},
	}
	for _, uri := range o.RedirectURIs {
		s.addRedirectURI(uri)
	}
	return s, nil
}

func (s *storage) addRedirectURI(uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.redirectURIs = append(s.redirectURIs, uri)
}

func (s *storage) request(id string) (*request, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.requests[id]
	if !ok {
		return nil, errUnknown
	}
	copied := *r
	return &copied, nil
}

func (s *storage) signIn(id, subject string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.requests[id]; ok {
		r.subject, r.at = subject, at
	}
}

func (s *storage) CreateAuthRequest(_ context.Context, asked *oidc.AuthRequest, _ string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &request{AuthRequest: asked, id: rand.Text()}
	s.requests[r.id] = r
	return r, nil
}

func (s *storage) AuthRequestByID(_ context.Context, id string) (op.AuthRequest, error) {
	return s.request(id)
}

func (s *storage) AuthRequestByCode(_ context.Context, code string) (op.AuthRequest, error) {
	s.mu.Lock()
	id := s.codes[code]
	s.mu.Unlock()
	return s.request(id)
}

func (s *storage) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.codes[code] = id
	return nil
}

func (s *storage) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.requests, id)
	return nil
}

func (s *storage) CreateAccessToken(_ context.Context, r op.TokenRequest) (id string, until time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id = rand.Text()
	s.tokens[id] = r.GetSubject()
	return id, time.Now().Add(tokenLife), nil
}

func (s *storage) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	return s.tell(info, r.GetSubject(), scopes)
}

func (s *storage) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, id, subject, _ string) error {
	s.mu.Lock()
	owner, ok := s.tokens[id]
	s.mu.Unlock()
	if !ok || owner != subject {
		return errUnknown
	}
	return s.tell(info, subject, []string{oidc.ScopeProfile, oidc.ScopeEmail})
}

// tell says of somebody what the scopes permit.
func (s *storage) tell(info *oidc.UserInfo, subject string, scopes []string) error {
	i := slices.IndexFunc(s.people, func(p Person) bool { return p.Subject == subject })
	if i < 0 {
		return errUnknown
	}
	p := s.people[i]
	info.Subject = p.Subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		info.Name, info.PreferredUsername = p.Name, p.Username
		for name, value := range p.Claims {
			info.AppendClaims(name, value)
		}
	}
	if slices.Contains(scopes, oidc.ScopeEmail) && p.Email != "" {
		info.Email, info.EmailVerified = p.Email, oidc.Bool(p.EmailVerified)
	}
	return nil
}

func (s *storage) GetClientByClientID(_ context.Context, id string) (op.Client, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != s.id {
		return nil, errUnknown
	}
	copied := s.client
	copied.redirectURIs = slices.Clone(s.redirectURIs)
	return &copied, nil
}

func (s *storage) AuthorizeClientIDSecret(_ context.Context, id, secret string) error {
	if id != s.id || secret != s.secret {
		return errUnknown
	}
	return nil
}

func (s *storage) SigningKey(context.Context) (op.SigningKey, error) { return signingKey{s.key}, nil }

func (s *storage) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (s *storage) KeySet(context.Context) ([]op.Key, error) {
	return []op.Key{publicKey{signingKey{s.key}}}, nil
}

func (s *storage) Health(context.Context) error { return nil }

// What follows the client of the tests does not use.

func (s *storage) SetUserinfoFromScopes(context.Context, *oidc.UserInfo, string, string, []string) error {
	return nil
}

func (s *storage) GetPrivateClaimsFromScopes(context.Context, string, string, []string) (map[string]any, error) {
	return map[string]any{}, nil
}

func (s *storage) CreateAccessAndRefreshTokens(context.Context, op.TokenRequest, string) (id, refresh string, until time.Time, err error) {
	return "", "", time.Time{}, errNotMade
}

func (s *storage) TokenRequestByRefreshToken(context.Context, string) (op.RefreshTokenRequest, error) {
	return nil, errNotMade
}

func (s *storage) TerminateSession(context.Context, string, string) error { return errNotMade }

func (s *storage) RevokeToken(context.Context, string, string, string) *oidc.Error {
	return oidc.ErrInvalidRequest()
}

func (s *storage) GetRefreshTokenInfo(context.Context, string, string) (userID, tokenID string, err error) {
	return "", "", op.ErrInvalidRefreshToken
}

func (s *storage) SetIntrospectionFromToken(context.Context, *oidc.IntrospectionResponse, string, string, string) error {
	return errNotMade
}

func (s *storage) GetKeyByIDAndClientID(context.Context, string, string) (*jose.JSONWebKey, error) {
	return nil, errNotMade
}

func (s *storage) ValidateJWTProfileScopes(context.Context, string, []string) ([]string, error) {
	return nil, errNotMade
}

// request is somebody who is to sign in.
type request struct {
	*oidc.AuthRequest
	id, subject string
	at          time.Time
}

func (r *request) GetID() string          { return r.id }
func (r *request) GetACR() string         { return "" }
func (r *request) GetAMR() []string       { return []string{"pwd"} }
func (r *request) GetAudience() []string  { return []string{r.ClientID} }
func (r *request) GetAuthTime() time.Time { return r.at }
func (r *request) GetClientID() string    { return r.ClientID }
func (r *request) GetNonce() string       { return r.Nonce }
func (r *request) GetScopes() []string    { return r.Scopes }
func (r *request) GetSubject() string     { return r.subject }
func (r *request) Done() bool             { return r.subject != "" }

func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	if r.CodeChallenge == "" {
		return nil
	}
	return &oidc.CodeChallenge{Challenge: r.CodeChallenge, Method: r.CodeChallengeMethod}
}

// redirect is the address that somebody is sent back to with an answer.
func (r *request) redirect(query string) string {
	mark := "?"
	if strings.Contains(r.RedirectURI, "?") {
		mark = "&"
	}
	return r.RedirectURI + mark + query + "&state=" + url.QueryEscape(r.State)
}
