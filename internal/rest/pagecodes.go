package rest

import (
	"context"
	"strconv"

	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/rest/route"
)

const pageCodeText = "What the inbox hands to the page of an installed app that it has opened and that asks with requestAuthCode: a code by which the app learns who has " +
	"opened it, good for 5 minutes and once; or that asks with requestOperateAuthCode: a code for one send on the strength of what this person has just done. The page may be told it only at the origin that it was made for. Takes a session: an API token is refused. permission_denied " +
	"for an origin that is not that of the app's page_url, and for a client_id of another app; user_outside_range for whom the app is not for."

// PageCodeRequest is the body of makePageCode.
type PageCodeRequest struct {
	AgentID  string `json:"agent_id" pattern:"^[0-9]{1,16}$" doc:"The app whose page was opened, by the agent_id of its messages."`
	Origin   string `json:"origin" maxLength:"2048" doc:"The origin of the window that asks, as the browser says it."`
	ClientID string `json:"client_id,omitempty" maxLength:"64" doc:"The app_key for which the page asks; without it, its own."`
	Kind     string `json:"kind,omitempty" enum:"requestAuthCode,requestOperateAuthCode" doc:"What the page asked with; requestAuthCode when not given."`
}

// PageCode is the answer of makePageCode.
type PageCode struct {
	Code string `json:"code" doc:"For getuserinfo or, of the kind requestOperateAuthCode, for one send by code; together with the app's access token."`
}

type (
	pageCodeRequest struct{ Body PageCodeRequest }
	pageCodeAnswer  struct{ Body PageCode }
)

func (a *authorizations) pageCode(ctx context.Context, v *route.Visit, in *pageCodeRequest) (*pageCodeAnswer, error) {
	if err := needsSession(v, "signing in to a program takes a session"); err != nil {
		return nil, err
	}
	agentID, _ := strconv.ParseInt(in.Body.AgentID, 10, 64) // digits by the schema, few enough
	code, err := a.signIns.PageCode(ctx, oauth.PageRequest{AgentID: agentID, Origin: in.Body.Origin, ClientID: in.Body.ClientID, Kind: in.Body.Kind}, signingIn(v))
	if err != nil {
		return nil, err
	}
	return &pageCodeAnswer{PageCode{code}}, nil
}
