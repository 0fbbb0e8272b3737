package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Person is somebody of an organization; the zero Person is the operator of
// the installation. Who an ordinal is, the directory knows, also of people who
// have left.
type Person struct {
	Organization int64
	Ordinal      uint32
}

// IsOperator reports the operator.
func (p Person) IsOperator() bool { return p == Person{} }

const operator = "operator"

// MarshalText writes "operator", or organization and ordinal as "3/17".
func (p Person) MarshalText() ([]byte, error) {
	if p.IsOperator() {
		return []byte(operator), nil
	}
	return fmt.Appendf(nil, "%d/%d", p.Organization, p.Ordinal), nil
}

// UnmarshalText reads what MarshalText writes.
func (p *Person) UnmarshalText(text []byte) error {
	if string(text) == operator {
		*p = Person{}
		return nil
	}
	organization, ordinal, _ := strings.Cut(string(text), "/")
	o, err := strconv.ParseInt(organization, 10, 64)
	if err != nil {
		return fmt.Errorf("audit: %q names no person", text)
	}
	n, err := strconv.ParseUint(ordinal, 10, 32)
	if err != nil {
		return fmt.Errorf("audit: %q names no person", text)
	}
	*p = Person{o, uint32(n)}
	return nil
}

// String is MarshalText, for logs.
func (p Person) String() string {
	text, _ := p.MarshalText()
	return string(text)
}

// Actor is who does something.
type Actor struct {
	Person
	// Console is true for what the operator did in a person's name.
	Console bool
}

// Action is the stable name of a step, of the form noun.verb.
type Action string

// The actions.
const (
	TemplateCreate   Action = "template.create"
	TemplateSave     Action = "template.save"
	TemplateSubmit   Action = "template.submit"
	TemplateWithdraw Action = "template.withdraw"
	TemplateApprove  Action = "template.approve"
	TemplateReject   Action = "template.reject"
	TemplateEnable   Action = "template.enable"
	TemplateDisable  Action = "template.disable"
	TemplateClone    Action = "template.clone"
	TemplateDelete   Action = "template.delete"
	TemplateTest     Action = "template.test"
	DirectSendOn     Action = "direct_send.on"
	DirectSendOff    Action = "direct_send.off"

	AppCreate    Action = "app.create" // with its first secret
	AppInstall   Action = "app.install"
	AppUninstall Action = "app.uninstall"
	SecretAdd    Action = "secret.add"
	SecretEnd    Action = "secret.end"
	TicketNew    Action = "ticket.new"
	RangeSet     Action = "range.set"
)

// Entry is one step.
type Entry struct {
	Organization int64 // whose log it is in
	ID           int64
	At           time.Time
	By           Actor
	Action       Action
	Subject      string // a template's id, an installation's agent id, a third-party app's suite key
	Version      int    // of the template; 0 where there is none
	Note         string // such as the reason of a rejection
}
