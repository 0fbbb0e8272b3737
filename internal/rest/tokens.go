package rest

import (
	"context"
	"time"
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

func (a *api) tokens(ctx context.Context, v *visit, _ *struct{}) (*tokensAnswer, error) {
	who := v.viewer
	all, err := a.Accounts.Tokens(ctx, v.viewer.Organization, who.Userid)
	if err != nil {
		return nil, err
	}
	items := make([]Token, 0, len(all))
	for _, t := range all {
		one := Token{
			TokenID: t.ID, Name: t.Name, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
			Current: !who.Credential.Session && t.ID == who.Credential.ID,
		}
		if !t.RevokedAt.IsZero() {
			one.RevokedAt = &t.RevokedAt
		}
		items = append(items, one)
	}
	return &tokensAnswer{Tokens{items}}, nil
}

type revokeTokenRequest struct {
	ID string `path:"id" maxLength:"64" doc:"A token_id of the list, or current for the token of this request."`
}

// revokeToken ends one of the person's tokens.
func (a *api) revokeToken(ctx context.Context, v *visit, in *revokeTokenRequest) (*struct{}, error) {
	who, id := v.viewer, in.ID
	if id == current && !who.Credential.Session {
		id = who.Credential.ID
	}
	return nil, a.Accounts.RevokeToken(ctx, v.asker.By, v.viewer.Organization, who.Userid, id)
}
