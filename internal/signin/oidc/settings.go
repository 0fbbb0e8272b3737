package oidc

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/signin"
)

// Kind is what sources of this package are called.
const Kind = "oidc"

// What settings may be.
const (
	maxClientID = 255
	maxScopes   = 20
	maxScope    = 100
	maxClaim    = 64
	maxDomains  = 20
)

// The claims that name a person for good.
const (
	claimSub = "sub"
	claimOID = "oid" // Entra's, the same in all of a tenant's programs
)

// Settings are what an owner types of a provider.
type Settings struct {
	Issuer       string   `json:"issuer"`
	ClientID     string   `json:"client_id"`
	Scopes       []string `json:"scopes"`
	SubjectClaim string   `json:"subject_claim"`
	Match        *MatchBy `json:"match,omitempty"`
	Domains      []string `json:"domains,omitempty"`
}

// MatchBy says which claim names somebody by which field.
type MatchBy struct {
	Claim string       `json:"claim"`
	Field signin.Field `json:"field"`
}

// Check reads what an owner has typed and returns it in the form that is stored, with
// what was left out. It fails with CodeParameterInvalid, and names the setting as
// settings.NAME. The operator may name another subject_claim than others.
func (*Provider) Check(settings json.RawMessage, byOperator bool) (json.RawMessage, error) {
	s, err := parse(settings)
	if err != nil {
		return nil, err
	}
	for _, check := range []func(*Settings) error{checkIssuer, checkClient, checkScopes, checkMatch, checkDomains} {
		if err := check(&s); err != nil {
			return nil, err
		}
	}
	if err := checkSubject(&s, byOperator); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func parse(settings json.RawMessage) (s Settings, err error) {
	d := json.NewDecoder(strings.NewReader(string(settings)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Settings{}, fault.New(fault.CodeParameterInvalid, "the settings are a JSON object of issuer, client_id, scopes, subject_claim, match and domains").WithField("settings")
	}
	return s, nil
}

// read reads settings that Check has written.
func read(s signin.Source) (Settings, error) { return parse(s.Settings) }

// commons are what Entra calls tenants that stand for all tenants: everybody who has an
// account anywhere could sign in.
var commons = []string{"common", "organizations", "consumers", "{tenantid}", "{tenant}"}

func checkIssuer(s *Settings) error {
	u, err := outbound.ParseURL(s.Issuer)
	switch {
	case err != nil:
		return invalid("issuer", "the issuer %v", err)
	case strings.Contains(s.Issuer, "?"):
		return invalid("issuer", "the issuer is an address without a query, as the provider's discovery document writes it")
	case !secure(u):
		return invalid("issuer", "the issuer takes https, but on the same machine (127.0.0.1, [::1], localhost)")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(segment string) bool { return slices.Contains(commons, strings.ToLower(segment)) }):
		return invalid("issuer", "the issuer names no tenant: write the tenant's id in place of common, organizations, consumers or {tenantid}")
	}
	return nil
}

// secure reports whether nobody between here and an address can change what is said.
func secure(u *url.URL) bool {
	if u.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

func checkClient(s *Settings) error {
	if s.ClientID == "" || len(s.ClientID) > maxClientID || !isLine(s.ClientID) {
		return invalid("client_id", "the client_id has 1 to %d visible characters", maxClientID)
	}
	return nil
}

// scope is one word of RFC 6749, 3.3.
var scope = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]+$`)

// checkScopes puts openid in front, without which no provider tells who somebody is.
func checkScopes(s *Settings) error {
	if s.Scopes == nil {
		s.Scopes = []string{"profile", "email"}
	}
	all := []string{"openid"}
	for _, one := range s.Scopes {
		if len(one) > maxScope || !scope.MatchString(one) {
			return invalid("scopes", "a scope is a word of at most %d characters", maxScope)
		}
		if one == "offline_access" {
			return invalid("scopes", "offline_access is of no use: nothing is done in somebody's name later")
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	if len(all) > maxScopes {
		return invalid("scopes", "there are %d scopes; the limit is %d", len(all), maxScopes)
	}
	s.Scopes = all
	return nil
}

// mutable are claims that name somebody for a while: each may be given to somebody else
// later, who would then be signed in as the first.
var mutable = []string{"email", "upn", "preferred_username", "unique_name", "name", "nickname", "phone_number"}

func checkSubject(s *Settings, byOperator bool) error {
	entra := tenant(s.Issuer) != ""
	if s.SubjectClaim == "" {
		if s.SubjectClaim = claimSub; entra {
			s.SubjectClaim = claimOID
		}
	}
	named := s.SubjectClaim == claimSub || s.SubjectClaim == claimOID
	switch {
	case slices.Contains(mutable, s.SubjectClaim):
		return invalid("subject_claim", "the subject_claim cannot be %s, which may be given to somebody else later; leave it out", s.SubjectClaim)
	case entra && s.SubjectClaim != claimOID:
		return invalid("subject_claim", "the subject_claim of Entra is oid")
	case !named && !byOperator:
		return invalid("subject_claim", "the subject_claim is sub or oid; the operator can name another one on the command line")
	case !named && (len(s.SubjectClaim) > maxClaim || !isLine(s.SubjectClaim)):
		return invalid("subject_claim", "the subject_claim is a name of at most %d characters", maxClaim)
	}
	return nil
}

// entraHosts are Entra's, in each of its clouds.
var entraHosts = []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"}

// tenant returns the tenant that an issuer of Entra names; "" for all other issuers.
func tenant(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil || !slices.Contains(entraHosts, strings.ToLower(u.Hostname())) {
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return first
}

func checkMatch(s *Settings) error {
	if s.Match == nil {
		return nil
	}
	if s.Match.Claim == "" || len(s.Match.Claim) > maxClaim || !isLine(s.Match.Claim) {
		return invalid("match.claim", "match names a claim of 1 to %d characters, such as email", maxClaim)
	}
	if !slices.Contains(signin.Fields(), s.Match.Field) {
		return invalid("match.field", "match names one field: userid, job_number, email or mobile")
	}
	return nil
}

// domain is what stands behind the @ of mail addresses.
var domain = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$`)

func checkDomains(s *Settings) error {
	if len(s.Domains) > maxDomains {
		return invalid("domains", "there are %d domains; the limit is %d", len(s.Domains), maxDomains)
	}
	var all []string
	for _, one := range s.Domains {
		if one = strings.ToLower(strings.TrimSpace(one)); len(one) > 253 || !domain.MatchString(one) {
			return invalid("domains", "a domain is one such as example.com")
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	if s.Domains = all; len(all) > 0 && (s.Match == nil || s.Match.Field != signin.Email) {
		return invalid("domains", "domains say whose mail addresses count without email_verified: they are for a match by email")
	}
	return nil
}

// Fixed returns the first setting that must not change once somebody is linked: with
// another issuer or claim, a subject would be somebody else.
func (*Provider) Fixed(before, after json.RawMessage) string {
	was, err := parse(before)
	if err != nil {
		return ""
	}
	is, err := parse(after)
	switch {
	case err != nil || was.Issuer != is.Issuer:
		return "issuer"
	case was.SubjectClaim != is.SubjectClaim:
		return "subject_claim"
	}
	return ""
}

// Match returns by what an unknown person may be found.
func (*Provider) Match(settings json.RawMessage) signin.Match {
	s, err := parse(settings)
	if err != nil || s.Match == nil {
		return signin.Match{}
	}
	return signin.Match{Claim: s.Match.Claim, Field: s.Match.Field, Domains: s.Domains}
}

// isLine reports whether a text can be shown in a line as it is.
func isLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func invalid(field, format string, args ...any) error {
	return fault.New(fault.CodeParameterInvalid, format, args...).WithField("settings." + field)
}
