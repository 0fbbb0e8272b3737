package signin

import (
	"context"
	"encoding/json"
	"slices"
)

// Provider knows one kind of source.
type Provider interface {
	// Check reads settings as somebody has written them and returns them in one form,
	// with what was left out. It fails with CodeParameterInvalid or
	// CodeParameterMissing and names the setting as settings.NAME.
	Check(settings json.RawMessage, byOperator bool) (normalized json.RawMessage, err error)
	// Fixed returns the first setting that differs and may not, once somebody is linked
	// by the source: with another one, the same subject could be somebody else. "" for
	// none. Both settings are as Check returns them.
	Fixed(before, after json.RawMessage) (field string)
	// Match returns by what the source finds people whom nobody has linked.
	Match(settings json.RawMessage) Match
	// Test tries to reach what the settings name, step by step. A step that needs
	// another one that failed is left out.
	Test(ctx context.Context, s Source, secret string) []Step
}

// Step is one part of a test.
type Step struct {
	Name string // such as "discovery"
	OK   bool
	Text string // what was found, or what is wrong and what to do about it
}

// Passed reports whether every step succeeded, and there was one.
func Passed(steps []Step) bool {
	return len(steps) > 0 && !slices.ContainsFunc(steps, func(s Step) bool { return !s.OK })
}

// Identity is who a provider says that somebody is.
type Identity struct {
	Subject       string            // the provider's own name for them, which never becomes somebody else's; 1 to 255 bytes
	Shown         string            // by what they recognize their account: a user name, a mail or a name
	Claims        map[string]string // what else the provider says, by its own names, as far as it is text
	EmailVerified bool              // the provider vouches for the claim "email"
}

// Field is what a person is found by.
type Field string

// The fields.
const (
	Userid    Field = "userid"
	JobNumber Field = "job_number"
	Email     Field = "email"
	Mobile    Field = "mobile"
)

// Fields returns every field.
func Fields() []Field { return []Field{Userid, JobNumber, Email, Mobile} }

// Match says which claim of a provider equals which field of a person. The zero Match
// finds nobody.
type Match struct {
	Claim   string
	Field   Field
	Domains []string // lower case; mails of these count without the provider's vouching
}
