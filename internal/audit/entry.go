package audit

import "time"

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
	By           By
	Action       Action
	Subject      string // a template's id, an installation's agent id, a third-party app's suite key
	Version      int    // of the template; 0 where there is none
	Note         string // such as the reason of a rejection
}
