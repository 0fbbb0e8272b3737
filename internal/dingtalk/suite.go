package dingtalk

import (
	"strings"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/fault"
)

// getSuiteToken serves /service/get_suite_token
// (docs/contract.md#third-party-apps). Some clients name the ticket as the signed calls
// do.
func (c *call) getSuiteToken() error {
	read := func() (app.SuiteProof, error) { return c.suiteSecret("suite_key", "suite_secret", "suite_ticket") }
	if !c.args.has("suite_ticket") && c.args.has("suiteTicket") {
		read = func() (app.SuiteProof, error) { return c.suiteSecret("suite_key", "suite_secret", "suiteTicket") }
	}
	proof, err := read()
	if err != nil {
		return err
	}
	token, err := c.Tokens.SuiteToken(c.r.Context(), proof)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("suite_access_token", token.Value)
		o.int("expires_in", seconds(token))
	})
}

// getCorpToken serves /service/get_corp_token.
func (c *call) getCorpToken() error {
	proof, corpID, err := c.proven()
	if err != nil {
		return err
	}
	if proof.PermanentCode, err = c.args.text("permanent_code"); err != nil {
		return err
	}
	token, err := c.Tokens.CorpToken(c.r.Context(), proof, corpID)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("access_token", token.Value)
		o.int("expires_in", seconds(token))
	})
}

// getPermanentCode serves /service/get_permanent_code, where a provider takes the
// authorization of an organization with the code that it was told.
func (c *call) getPermanentCode() error {
	proof, err := c.proof()
	if err != nil {
		return err
	}
	code, err := c.args.required("tmp_auth_code")
	if err != nil {
		return err
	}
	a, err := c.Tokens.PermanentCode(c.r.Context(), proof, code)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("permanent_code", a.PermanentCode)
		o.object("auth_corp_info", func(o *object) {
			o.text("corpid", a.CorpID)
			o.text("corp_name", a.CorpName)
		})
	})
}

// activateSuite serves /service/activate_suite.
func (c *call) activateSuite() error {
	proof, corpID, err := c.proven()
	if err != nil {
		return err
	}
	suiteKey, err := c.args.required("suite_key")
	if err != nil {
		return err
	}
	code, err := c.args.required("permanent_code")
	if err != nil {
		return err
	}
	if err := c.Tokens.Activate(c.r.Context(), proof, suiteKey, corpID, code); err != nil {
		return err
	}
	return c.ok(func(*object) {})
}

// getAuthInfo serves /service/get_auth_info, where a provider learns its agent
// id in an organization.
func (c *call) getAuthInfo() error {
	proof, corpID, err := c.proven()
	if err != nil {
		return err
	}
	i, err := c.Tokens.Installation(c.r.Context(), proof, corpID)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.object("auth_corp_info", func(o *object) {
			o.text("corpid", corpID)
			o.text("corp_name", i.CorpName)
		})
		o.object("auth_user_info", func(*object) {})
		o.object("auth_info", func(o *object) {
			o.name("agent")
			o.b = append(o.b, '[', '{')
			o.int("agentid", i.Agent.ID)
			o.text("agent_name", i.App.Name)
			o.text("logo_url", i.App.Icon)
			o.int("appid", i.App.ID)
			o.b = append(o.b, '}', ']')
		})
	})
}

// getAgent serves /service/get_agent.
func (c *call) getAgent() error {
	proof, corpID, err := c.proven()
	if err != nil {
		return err
	}
	agentID, err := c.args.int64("agentid")
	if err != nil {
		return err
	}
	i, err := c.Tokens.AgentOfSuite(c.r.Context(), proof, corpID, agentID)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.int("agentid", i.Agent.ID)
		o.text("name", i.App.Name)
		o.text("logo_url", i.App.Icon)
		o.text("description", i.App.Description)
		o.int("close", 1) // enabled: a disabled one is not found
	})
}

// corpAccessToken serves /v1.0/oauth2/corpAccessToken.
func (c *call) corpAccessToken() error {
	proof, err := c.suiteSecret("suiteKey", "suiteSecret", "suiteTicket")
	if err != nil {
		return err
	}
	corpID, err := c.args.required("authCorpId")
	if err != nil {
		return err
	}
	return c.newToken(c.Tokens.CorpToken(c.r.Context(), proof, corpID))
}

// suiteAccessToken serves /v1.0/oauth2/suiteAccessToken.
func (c *call) suiteAccessToken() error {
	proof, err := c.suiteSecret("suiteKey", "suiteSecret", "suiteTicket")
	if err != nil {
		return err
	}
	return c.newToken(c.Tokens.SuiteToken(c.r.Context(), proof))
}

// organizationToken serves /v1.0/oauth2/CORPID/token, for apps of both kinds.
func (c *call) organizationToken() error {
	key, err := c.args.required("client_id")
	if err != nil {
		return err
	}
	secret, err := c.args.required("client_secret")
	if err != nil {
		return err
	}
	grant, err := c.args.required("grant_type")
	if err != nil {
		return err
	}
	if grant != "client_credentials" {
		return fault.New(fault.CodeGrantTypeUnknown, "grant_type must be client_credentials").WithField("grant_type")
	}
	token, err := c.Tokens.TokenIn(c.r.Context(), c.corpID, key, secret)
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("access_token", token.Value)
		o.int("expires_in", seconds(token))
	})
}

func (c *call) newToken(token app.Token, err error) error {
	if err != nil {
		return err
	}
	return c.ok(func(o *object) {
		o.text("accessToken", token.Value)
		o.int("expireIn", seconds(token))
	})
}

// suiteSecret reads a proof that holds the secret itself.
func (c *call) suiteSecret(key, secret, ticket string) (p app.SuiteProof, err error) {
	if p.Key, err = c.args.required(key); err != nil {
		return p, err
	}
	if p.Secret, err = c.args.required(secret); err != nil {
		return p, err
	}
	p.Ticket, err = c.args.required(ticket)
	return p, err
}

// proven reads who asks, and the organization it is about.
func (c *call) proven() (p app.SuiteProof, corpID string, err error) {
	if p, err = c.proof(); err != nil {
		return p, "", err
	}
	corpID, err = c.args.required("auth_corpid")
	return p, corpID, err
}

// proof reads who asks. A signature is one proof, a suite access token another; with
// both the signature counts.
func (c *call) proof() (p app.SuiteProof, err error) {
	if p.Token, err = c.args.text("suite_access_token"); err != nil {
		return p, err
	}
	switch signed := c.args.has("accessKey") || c.args.has("signature"); {
	case signed:
		return c.signed()
	case p.Token == "":
		return p, missing("suite_access_token or signature")
	}
	return p, nil
}

// signed reads a signed request (docs/contract.md#suite-signature).
func (c *call) signed() (p app.SuiteProof, err error) {
	if p, err = c.signature(); err != nil {
		return p, err
	}
	p.Ticket, err = c.args.text("suiteTicket")
	return p, err
}

// signature reads who has signed a request, and when.
func (c *call) signature() (p app.SuiteProof, err error) {
	if p.Key, err = c.args.required("accessKey"); err != nil {
		return p, err
	}
	if p.Timestamp, err = c.args.required("timestamp"); err != nil {
		return p, err
	}
	if p.Signature, err = c.args.required("signature"); err != nil {
		return p, err
	}
	p.Signature = strings.ReplaceAll(p.Signature, " ", "+") // of clients that do not encode it
	return p, nil
}
