package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// Actor is who does something: a person, an app, or the operator of the
// installation. The zero Actor is nobody: it has no right to anything, and no
// entry can be written in its name. Actors can be compared.
type Actor struct {
	// Organization is a person's or an app's; 0 for the operator, and for nobody.
	Organization int64
	// Ordinal is a person's. Who that is, the directory knows, also of people who
	// have left.
	Ordinal  uint32
	app      int64
	operator bool
}

// Operator returns the operator of the installation, who works on its command
// line.
func Operator() Actor { return Actor{operator: true} }

// Person returns somebody of an organization; nobody for organization 0.
func Person(organization int64, ordinal uint32) Actor {
	return Actor{Organization: organization, Ordinal: ordinal}
}

// App returns an app, by the organization it belongs to.
func App(organization, app int64) Actor { return Actor{Organization: organization, app: app} }

// IsNobody reports the zero Actor, and whoever else belongs nowhere.
func (a Actor) IsNobody() bool { return !a.operator && a.Organization == 0 }

// IsOperator reports the operator.
func (a Actor) IsOperator() bool { return a.operator }

// IsPerson reports somebody of an organization.
func (a Actor) IsPerson() bool { return !a.operator && a.app == 0 && a.Organization != 0 }

// AppID returns which app an Actor is, 0 if it is none.
func (a Actor) AppID() int64 { return a.app }

const (
	operatorText = "operator"
	appPrefix    = "app:"
)

// MarshalText writes "operator", a person's organization and ordinal as "3/17",
// an app's organization and id as "app:3/5", and nothing for nobody.
func (a Actor) MarshalText() ([]byte, error) {
	switch {
	case a.operator:
		return []byte(operatorText), nil
	case a.IsNobody():
		return []byte{}, nil
	case a.app != 0:
		return fmt.Appendf(nil, "%s%d/%d", appPrefix, a.Organization, a.app), nil
	default:
		return fmt.Appendf(nil, "%d/%d", a.Organization, a.Ordinal), nil
	}
}

// UnmarshalText reads what MarshalText writes.
func (a *Actor) UnmarshalText(text []byte) error {
	*a = Actor{}
	if len(text) == 0 {
		return nil
	}
	if string(text) == operatorText {
		*a = Operator()
		return nil
	}
	numbers, isApp := strings.CutPrefix(string(text), appPrefix)
	organization, number, _ := strings.Cut(numbers, "/")
	o, err := strconv.ParseInt(organization, 10, 64)
	if err != nil || o <= 0 {
		return fmt.Errorf("audit: %q names no actor", text)
	}
	if isApp {
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil || id <= 0 {
			return fmt.Errorf("audit: %q names no actor", text)
		}
		*a = App(o, id)
		return nil
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return fmt.Errorf("audit: %q names no actor", text)
	}
	*a = Person(o, uint32(n))
	return nil
}

// String is MarshalText, for logs; "nobody" for nobody.
func (a Actor) String() string {
	if a.IsNobody() {
		return "nobody"
	}
	text, _ := a.MarshalText()
	return string(text)
}

// CommandLine is the credential of whoever works on the server's command line.
const CommandLine = "command line"

// SetupLink is the credential of whoever has made the organization with a setup link,
// and is its first person.
const SetupLink = "setup link"

// SignInSource is the credential of whoever a sign-in source has told of, and who has no
// session yet.
const SignInSource = "sign-in source"

// By is who asks for a change, and how they showed who they are.
type By struct {
	Actor
	// Credential is CommandLine, or the kind and id of a session or token, such as
	// "session:k3f9…".
	Credential string
	// Peer and Device are where somebody asked from. They are deleted with the person.
	Peer, Device string
}

// ByOperator is the operator, on the command line.
func ByOperator() By { return By{Actor: Operator(), Credential: CommandLine} }

// OnBehalfOf is what the operator does on the command line in a person's name.
func OnBehalfOf(organization int64, ordinal uint32) By {
	return By{Actor: Person(organization, ordinal), Credential: CommandLine}
}

// server is the credential of what the server does by itself.
const server = "server"

// ByServer is what the server does by itself, as it was set up.
func ByServer() By { return By{Actor: Operator(), Credential: server} }

// FromServer reports what the server did by itself.
func (b By) FromServer() bool { return b.Credential == server && b.IsOperator() }

// FromCommandLine reports what the operator did in a person's name.
func (b By) FromCommandLine() bool { return b.Credential == CommandLine && !b.IsOperator() }
