package oidc_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/signin"
	"github.com/tidings-im/tidings/internal/signin/oidc"
)

const entra = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0"

func TestCheck(t *testing.T) {
	t.Parallel()
	p := oidc.New(oidc.Deps{Caller: outbound.New(outbound.Options{}), Now: time.Now})
	for in, want := range map[string]string{
		`{"issuer":"https://id.example.com/realms/one","client_id":"tidings"}`:                                                                                 `{"issuer":"https://id.example.com/realms/one","client_id":"tidings","scopes":["openid","profile","email"],"subject_claim":"sub"}`,
		`{"issuer":"https://id.example.com/","client_id":"a","scopes":[]}`:                                                                                     `{"issuer":"https://id.example.com/","client_id":"a","scopes":["openid"],"subject_claim":"sub"}`,
		`{"issuer":"http://127.0.0.1:9000","client_id":"a","scopes":["email","openid","email"]}`:                                                               `{"issuer":"http://127.0.0.1:9000","client_id":"a","scopes":["openid","email"],"subject_claim":"sub"}`,
		`{"issuer":"` + entra + `","client_id":"a","scopes":["profile"]}`:                                                                                      `{"issuer":"` + entra + `","client_id":"a","scopes":["openid","profile"],"subject_claim":"oid"}`,
		`{"issuer":"https://id.example.com","client_id":"a","scopes":["x"],"match":{"claim":"email","field":"email"},"domains":["Example.COM","example.com"]}`: `{"issuer":"https://id.example.com","client_id":"a","scopes":["openid","x"],"subject_claim":"sub","match":{"claim":"email","field":"email"},"domains":["example.com"]}`,
	} {
		got, err := p.Check(json.RawMessage(in), false)
		if err != nil || string(got) != want {
			t.Errorf("%s is\n%s, want\n%s (%v)", in, got, want, err)
			continue
		}
		if again, err := p.Check(got, false); err != nil || string(again) != want {
			t.Errorf("%s again is %s, %v", want, again, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	p := oidc.New(oidc.Deps{Caller: outbound.New(outbound.Options{}), Now: time.Now})
	with := func(more string) string {
		return `{"issuer":"https://id.example.com","client_id":"tidings"` + more + `}`
	}
	for in, field := range map[string]string{
		`{}`: "settings.issuer", `[]`: "settings", `{"issuer":7}`: "settings", with(`,"secret":"x"`): "settings",
		`{"issuer":"http://id.example.com","client_id":"a"}`:                                 "settings.issuer",
		`{"issuer":"https://id.example.com/?a=b","client_id":"a"}`:                           "settings.issuer",
		`{"issuer":"https://id.example.com/#a","client_id":"a"}`:                             "settings.issuer",
		`{"issuer":"https://user@id.example.com/","client_id":"a"}`:                          "settings.issuer",
		`{"issuer":"ftp://id.example.com/","client_id":"a"}`:                                 "settings.issuer",
		`{"issuer":"https://login.microsoftonline.com/common/v2.0","client_id":"a"}`:         "settings.issuer",
		`{"issuer":"https://login.microsoftonline.com/Organizations/v2.0","client_id":"a"}`:  "settings.issuer",
		`{"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0","client_id":"a"}`:     "settings.issuer",
		`{"issuer":"https://id.example.com"}`:                                                "settings.client_id",
		`{"issuer":"https://id.example.com","client_id":"` + strings.Repeat("a", 256) + `"}`: "settings.client_id",
		`{"issuer":"https://id.example.com","client_id":"a\u0000"}`:                          "settings.client_id",
		with(`,"scopes":["a b"]`):                                                            "settings.scopes",
		with(`,"scopes":["offline_access"]`):                                                 "settings.scopes",
		with(`,"subject_claim":"email"`):                                                     "settings.subject_claim",
		with(`,"subject_claim":"upn"`):                                                       "settings.subject_claim",
		with(`,"subject_claim":"employee"`):                                                  "settings.subject_claim",
		`{"issuer":"` + entra + `","client_id":"a","subject_claim":"sub"}`:                   "settings.subject_claim",
		with(`,"match":{"claim":"","field":"email"}`):                                        "settings.match.claim",
		with(`,"match":{"claim":"email","field":"name"}`):                                    "settings.match.field",
		with(`,"domains":["example.com"]`):                                                   "settings.domains",
		with(`,"match":{"claim":"email","field":"email"},"domains":["@example.com"]`):        "settings.domains",
	} {
		got, err := p.Check(json.RawMessage(in), false)
		if !fault.Is(err, fault.CodeParameterInvalid) || fault.From(err).Field != field {
			t.Errorf("%s: %s, %v, want %s", in, got, err, field)
		}
	}
	if _, err := p.Check(json.RawMessage(`{"issuer":"https://login.partner.microsoftonline.cn/t/v2.0","client_id":"a","subject_claim":"sub"}`), true); err == nil {
		t.Error("the operator may take Entra's sub, which differs from program to program")
	}
	if _, err := p.Check(json.RawMessage(with(`,"subject_claim":"employee"`)), true); err != nil {
		t.Errorf("the operator names a claim: %v", err)
	}
	if _, err := p.Check(json.RawMessage(with(`,"subject_claim":"email"`)), true); err == nil {
		t.Error("the operator may take a mail address for a subject")
	}
}

func TestFixedAndMatch(t *testing.T) {
	t.Parallel()
	p := oidc.New(oidc.Deps{Caller: outbound.New(outbound.Options{}), Now: time.Now})
	base := json.RawMessage(`{"issuer":"https://a.example.com","client_id":"a","scopes":["openid"],"subject_claim":"sub"}`)
	for after, want := range map[string]string{
		`{"issuer":"https://a.example.com","client_id":"b","scopes":["openid","x"],"subject_claim":"sub"}`: "",
		`{"issuer":"https://b.example.com","client_id":"a","scopes":["openid"],"subject_claim":"sub"}`:     "issuer",
		`{"issuer":"https://a.example.com","client_id":"a","scopes":["openid"],"subject_claim":"oid"}`:     "subject_claim",
	} {
		if got := p.Fixed(base, json.RawMessage(after)); got != want {
			t.Errorf("%s: %q, want %q", after, got, want)
		}
	}
	if m := p.Match(base); m.Claim != "" || m.Field != "" {
		t.Errorf("matches by %+v", m)
	}
	m := p.Match(json.RawMessage(`{"issuer":"https://a.example.com","client_id":"a","scopes":["openid"],"subject_claim":"sub","match":{"claim":"mail","field":"email"},"domains":["example.com"]}`))
	if m.Claim != "mail" || m.Field != signin.Email || len(m.Domains) != 1 {
		t.Errorf("matches by %+v", m)
	}
}
