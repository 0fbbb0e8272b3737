package rest

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/rest/route"
)

// tokenRoom keeps people's API tokens.
type tokenRoom interface {
	// Tokens returns a person's API tokens, revoked and expired ones included.
	Tokens(ctx context.Context, organization int64, userid string) ([]account.Token, error)
	// RevokeToken returns CodeNotFound for one that is not the person's.
	RevokeToken(ctx context.Context, by audit.By, organization int64, userid, id string) error
}

// tokens is the API tokens of whoever asks.
type tokens struct{ accounts tokenRoom }

func (t *tokens) routes(r route.Table) {
	route.JSON(r, route.Get("listTokens", "/tokens", "List one's API tokens", tokensText), policy.TokensRead, t.list)
	route.JSON(r, route.Empty(route.Delete("revokeToken", "/tokens/{id}", "Revoke an API token", revokeText)), policy.TokensRevoke, t.revoke)
}

const (
	tokensText = "The person's personal API tokens, newest first, without their values; expired and revoked ones too."
	revokeText = "Ends one of the person's tokens for good, and its event streams within a second. Revoking it again is fine."
)

// Token is one of the person's API tokens, without its value.
type Token struct {
	TokenID   string     `json:"token_id" doc:"Names the token; it is the part of its value before the last underscore."`
	Name      string     `json:"name" doc:"What it was made for."`
	CreatedAt time.Time  `json:"created_at" doc:"When it was made."`
	ExpiresAt time.Time  `json:"expires_at" doc:"When it ends by itself."`
	RevokedAt *time.Time `json:"revoked_at" doc:"When it was revoked; null if not."`
	Current   bool       `json:"current" doc:"It is the token of this request."`
}

// Tokens is the answer of listTokens.
type Tokens struct {
	Items []Token `json:"items" doc:"The tokens, newest first."`
}

type tokensAnswer struct{ Body Tokens }

func (t *tokens) list(ctx context.Context, v *route.Visit, _ *struct{}) (*tokensAnswer, error) {
	who := v.Viewer
	all, err := t.accounts.Tokens(ctx, v.Viewer.Organization, who.Userid)
	if err != nil {
		return nil, err
	}
	items := make([]Token, 0, len(all))
	for _, token := range all {
		one := Token{
			TokenID: token.ID, Name: token.Name, CreatedAt: token.CreatedAt, ExpiresAt: token.ExpiresAt,
			Current: !who.Credential.Session && token.ID == who.Credential.ID,
		}
		if !token.RevokedAt.IsZero() {
			one.RevokedAt = &token.RevokedAt
		}
		items = append(items, one)
	}
	return &tokensAnswer{Tokens{items}}, nil
}

type revokeTokenRequest struct {
	ID string `path:"id" maxLength:"64" doc:"A token_id of the list, or current for the token of this request."`
}

// revoke ends one of the person's tokens.
func (t *tokens) revoke(ctx context.Context, v *route.Visit, in *revokeTokenRequest) (*struct{}, error) {
	who, id := v.Viewer, in.ID
	if id == current && !who.Credential.Session {
		id = who.Credential.ID
	}
	return nil, t.accounts.RevokeToken(ctx, v.Asker.By, v.Viewer.Organization, who.Userid, id)
}
