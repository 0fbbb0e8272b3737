package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/attempt"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/oauth"
	"github.com/tidings-im/tidings/internal/setup"
	"github.com/tidings-im/tidings/internal/signin"
)

// throttled counts credentials that nobody looked at, because their address had
// failed too often. Those that were looked at are among refusals.
type throttled struct {
	credentials *prometheus.CounterVec // by kind
}

func newThrottled() throttled {
	t := throttled{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tidings_authentication_throttled_total", Help: "Credentials refused unchecked, because their address had failed too often, by kind.",
	}, []string{"credential"})}
	for _, kind := range attempt.Kinds() { // there from the start: an alert on a rate must see the first one
		t.credentials.WithLabelValues(string(kind))
	}
	return t
}

// Throttled implements attempt.Meter.
func (t *throttled) Throttled(kind attempt.Kind) { t.credentials.WithLabelValues(string(kind)).Inc() }

// guardedAccounts lets people show who they are only as often as their address
// may fail.
type guardedAccounts struct {
	*account.Service
	attempts *attempt.Limiter
}

func (g guardedAccounts) Authenticate(ctx context.Context, bearer string) (v account.Viewer, err error) {
	if bearer == "" {
		return g.Service.Authenticate(ctx, bearer)
	}
	err = g.attempts.Try(ctx, attempt.APIToken, bearer, func() (err error) {
		v, err = g.Service.Authenticate(ctx, bearer)
		return err
	})
	return v, err
}

func (g guardedAccounts) Session(ctx context.Context, value string) (v account.Viewer, err error) {
	err = g.attempts.Try(ctx, attempt.Session, value, func() (err error) {
		v, err = g.Service.Session(ctx, value)
		return err
	})
	return v, err
}

func (g guardedAccounts) SignIn(ctx context.Context, r account.SignInRequest) (in account.SignedIn, err error) {
	err = g.attempts.Try(ctx, attempt.SignInLink, r.Link, func() (err error) {
		in, err = g.Service.SignIn(ctx, r)
		return err
	})
	return in, err
}

func (g guardedAccounts) Offer(ctx context.Context, link string, held account.HeldList) (offer account.Offer, err error) {
	err = g.attempts.Try(ctx, attempt.SignInLink, link, func() (err error) {
		offer, err = g.Service.Offer(ctx, link, held)
		return err
	})
	return offer, err
}

// guardedSetup does the same for whoever sets the installation up.
type guardedSetup struct {
	*setup.Service
	attempts *attempt.Limiter
}

func (g guardedSetup) Check(ctx context.Context, token string) (expires time.Time, err error) {
	err = g.attempts.Try(ctx, attempt.SetupLink, token, func() (err error) {
		expires, err = g.Service.Check(ctx, token)
		return err
	})
	return expires, err
}

func (g guardedSetup) SetUp(ctx context.Context, by audit.By, r setup.Request) (in account.SignedIn, err error) {
	err = g.attempts.Try(ctx, attempt.SetupLink, r.Token, func() (err error) {
		in, err = g.Service.SetUp(ctx, by, r)
		return err
	})
	return in, err
}

// guardedFlow does the same for whoever comes back from a provider with what it does not
// confirm. Each state is shown once, so none is known from before.
type guardedFlow struct {
	*signin.Flow
	attempts *attempt.Limiter
}

func (g guardedFlow) Return(ctx context.Context, by audit.By, r signin.Return) (done signin.Returned, err error) {
	err = g.attempts.Try(ctx, attempt.SignIn, r.Query, func() (err error) {
		done, err = g.Flow.Return(ctx, by, r)
		return err
	})
	return done, err
}

// guardedTokens does the same for programs.
type guardedTokens struct {
	*app.Service
	attempts *attempt.Limiter
}

// Authenticate never refuses unchecked what this installation has signed: a
// client whose token has expired must hear that, or it would not fetch another.
func (g guardedTokens) Authenticate(ctx context.Context, token string) (c app.Caller, err error) {
	if g.Signed(token) || token == "" {
		return g.Service.Authenticate(ctx, token)
	}
	err = g.attempts.Try(ctx, attempt.AccessToken, token, func() (err error) {
		c, err = g.Service.Authenticate(ctx, token)
		return err
	})
	return c, err
}

func (g guardedTokens) AgentOfSuite(ctx context.Context, p app.SuiteProof, corpID string, agentID int64) (i app.Installed, err error) {
	_, err = g.proof(ctx, p, func() (t app.Token, err error) {
		i, err = g.Service.AgentOfSuite(ctx, p, corpID, agentID)
		return t, err
	})
	return i, err
}

func (g guardedTokens) TokenByKey(ctx context.Context, key, secret string) (app.Token, error) {
	return g.token(ctx, attempt.AppSecret, key+"\x00"+secret, func() (app.Token, error) { return g.Service.TokenByKey(ctx, key, secret) })
}

func (g guardedTokens) TokenByCorp(ctx context.Context, corpID, secret string) (app.Token, error) {
	return g.token(ctx, attempt.AppSecret, corpID+"\x00"+secret, func() (app.Token, error) { return g.Service.TokenByCorp(ctx, corpID, secret) })
}

func (g guardedTokens) TokenIn(ctx context.Context, corpID, key, secret string) (app.Token, error) {
	return g.token(ctx, attempt.AppSecret, corpID+"\x00"+key+"\x00"+secret, func() (app.Token, error) {
		return g.Service.TokenIn(ctx, corpID, key, secret)
	})
}

func (g guardedTokens) SuiteToken(ctx context.Context, p app.SuiteProof) (app.Token, error) {
	return g.proof(ctx, p, func() (app.Token, error) { return g.Service.SuiteToken(ctx, p) })
}

func (g guardedTokens) CorpToken(ctx context.Context, p app.SuiteProof, corpID string) (app.Token, error) {
	return g.proof(ctx, p, func() (app.Token, error) { return g.Service.CorpToken(ctx, p, corpID) })
}

func (g guardedTokens) Installation(ctx context.Context, p app.SuiteProof, corpID string) (i app.Installed, err error) {
	_, err = g.proof(ctx, p, func() (t app.Token, err error) {
		i, err = g.Service.Installation(ctx, p, corpID)
		return t, err
	})
	return i, err
}

// proof asks in the name of a third-party app. Signed tokens pass, as for
// Authenticate; of the rest a signature is never the same, so it is good for
// once only.
func (g guardedTokens) proof(ctx context.Context, p app.SuiteProof, ask func() (app.Token, error)) (app.Token, error) {
	switch {
	case p.Token == "":
		return g.token(ctx, attempt.SuiteSecret, p.Key+"\x00"+p.Secret+"\x00"+p.Signature, ask)
	case g.Signed(p.Token):
		return ask()
	default:
		return g.token(ctx, attempt.AccessToken, p.Token, ask)
	}
}

func (g guardedTokens) token(ctx context.Context, kind attempt.Kind, credential string, ask func() (app.Token, error)) (t app.Token, err error) {
	err = g.attempts.Try(ctx, kind, credential, func() (err error) {
		t, err = ask()
		return err
	})
	return t, err
}

// guardedSignIns does the same for the programs that people sign in to. User tokens are
// looked at always: those of many people come from one program, and end by the hour.
type guardedSignIns struct {
	*oauth.Service
	attempts *attempt.Limiter
}

func (g guardedSignIns) Exchange(ctx context.Context, key, secret, code, verifier string) (i oauth.Issued, err error) {
	err = g.attempts.Try(ctx, attempt.AppSecret, key+"\x00"+secret, func() (err error) {
		i, err = g.Service.Exchange(ctx, key, secret, code, verifier)
		return err
	})
	return i, err
}

func (g guardedSignIns) Refresh(ctx context.Context, key, secret, refresh string) (i oauth.Issued, err error) {
	err = g.attempts.Try(ctx, attempt.AppSecret, key+"\x00"+secret, func() (err error) {
		i, err = g.Service.Refresh(ctx, key, secret, refresh)
		return err
	})
	return i, err
}

// SNSPerson takes a signature, which is good for once only, as proof does.
func (g guardedSignIns) SNSPerson(ctx context.Context, p app.SuiteProof, code string) (who oauth.Person, err error) {
	err = g.attempts.Try(ctx, attempt.AppSecret, p.Key+"\x00"+p.Signature, func() (err error) {
		who, err = g.Service.SNSPerson(ctx, p, code)
		return err
	})
	return who, err
}
