package policy

import (
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Limits is how strict an organization is with its apps. A count of 0 means
// no limit, a window of 0 means as long as the message is kept. The values
// live in the organization's row; an installation may override them. Our own API
// tells them as they are here.
type Limits struct {
	Preset string `json:"preset" doc:"The preset that what nobody decided comes from."`

	UseridsPerCall     int  `json:"userids_per_call" doc:"Most userids of one call."`
	DeptsPerCall       int  `json:"depts_per_call" doc:"Most departments of one call."`
	RecipientsPerCall  int  `json:"recipients_per_call" doc:"Most recipients of one call, departments expanded."`
	RecipientsPerMin   int  `json:"recipients_per_min" doc:"Most recipients of an app in a minute."`
	MessagesPerDay     int  `json:"messages_per_day" doc:"Most messages of an app to one person in a day."`
	EveryonePerDay     int  `json:"everyone_per_day" doc:"Most sends of an app to everyone in a day."`
	MessageBytes       int  `json:"message_bytes" doc:"Most bytes of a message."`
	StatusBarUsers     int  `json:"status_bar_users" doc:"Most recipients of a message with a status bar, who are named one by one then."`
	ResultRecipients   int  `json:"result_recipients" doc:"Most recipients that a result is given for."`
	CallsPerSecond     int  `json:"calls_per_second" doc:"Most calls of an app to one API in a second, on each server."`
	CallsPerMonth      int  `json:"calls_per_month" doc:"Most calls of all apps of the organization in a month."`
	UploadBytes        int  `json:"upload_bytes" doc:"Most bytes of the files kept of all apps of the organization."`
	UploadBytesPerApp  int  `json:"upload_bytes_per_app" doc:"Most bytes of the files kept of one app."`
	SameContentOnce    bool `json:"same_content_once" doc:"Whether a person gets the same content of an app once a day only."`
	RecallWindow       Dur  `json:"recall_window" doc:"How long after its send a message can be recalled, such as 24h0m0s."`
	StatusBarWindow    Dur  `json:"status_bar_window" doc:"How long a status bar can be changed."`
	ProgressWindow     Dur  `json:"progress_window" doc:"How long an app can ask for a send's progress."`
	ResultWindow       Dur  `json:"result_window" doc:"How long an app can ask for a send's result."`
	EveryoneNeedsGrant bool `json:"everyone_needs_grant" doc:"Whether sending to everyone takes the app's grant."`
	StrictOA           bool `json:"strict_oa" doc:"Whether oa messages need a link, and text and colour of the head."`

	TemplatesForInternalApps bool `json:"templates_for_internal_apps" doc:"Whether internal apps may send by template."`

	own uint64 // the fields that were decided, by their places; see Own
}

// Dur is a duration that reads and writes as text ("24h0m0s").
type Dur time.Duration

// MarshalText writes the duration as time.Duration does.
func (d Dur) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Dur) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Dur(v)
	return err
}

// Open reports whether a window that began at start is open at now.
func (d Dur) Open(start, now time.Time) bool {
	return d == 0 || now.Sub(start) <= time.Duration(d)
}

// The presets: Standard suits an organization's own server, DingTalk emulates
// the documented limits of the hosted service.
const (
	Standard = "standard"
	DingTalk = "dingtalk"
)

// Presets returns the names that ForPreset knows.
func Presets() []string { return []string{Standard, DingTalk} }

// ForPreset returns a preset's limits for internal or third-party apps.
// Invalid (parameter_invalid, field "preset") for an unknown name.
func ForPreset(name string, thirdParty bool) (Limits, error) {
	if !slices.Contains(Presets(), name) {
		return Limits{}, fault.New(fault.CodeParameterInvalid, "preset %q is none of standard, dingtalk", name).WithField("preset")
	}
	l := Limits{
		Preset: name, UseridsPerCall: 5000, DeptsPerCall: 500, MessagesPerDay: 500,
		SameContentOnce: true, MessageBytes: 32 << 10, EveryoneNeedsGrant: true,
		UploadBytes: 100 << 30, UploadBytesPerApp: 50 << 30,
	}
	if name == DingTalk {
		day := 24 * time.Hour
		l.UseridsPerCall, l.DeptsPerCall, l.RecipientsPerCall = 100, 20, 5000
		l.RecipientsPerMin, l.EveryonePerDay, l.EveryoneNeedsGrant = 5000, 3, false
		l.MessageBytes, l.StatusBarUsers, l.ResultRecipients, l.StrictOA = 2048, 5, 100, true
		l.CallsPerSecond, l.CallsPerMonth = 20, 5000
		l.RecallWindow, l.ResultWindow = Dur(day), Dur(day)
		l.StatusBarWindow, l.ProgressWindow = Dur(7*day), Dur(7*day)
	}
	if thirdParty {
		l.MessagesPerDay = 100
		if name == DingTalk {
			l.RecipientsPerCall = 1000
		}
	}
	return l, nil
}

// ForThirdParty returns an organization's limits as they are for third-party
// apps: stricter where the organization has decided nothing.
func (l Limits) ForThirdParty() Limits {
	third, err := ForPreset(l.Preset, true)
	if err != nil {
		return l
	}
	if !l.Own("messages_per_day") {
		l.MessagesPerDay = third.MessagesPerDay
	}
	if !l.Own("recipients_per_call") {
		l.RecipientsPerCall = third.RecipientsPerCall
	}
	return l
}

// MayCompose decides whether an app may send what nobody has reviewed: every
// internal one, and a third-party one where its receiving organization has
// switched that on. Every way to send without a template asks it.
func MayCompose(thirdParty, directSend bool, l Limits) bool {
	return !thirdParty || directSend && l.Preset != DingTalk
}

// MayUseTemplates decides whether an app may send by template: every
// third-party one, and an internal one where its organization wants that.
func MayUseTemplates(thirdParty bool, l Limits) bool {
	return thirdParty || l.TemplatesForInternalApps && l.Preset != DingTalk
}

// ForTemplates returns an organization's limits as they are for sends by
// template: the hosted service takes longer lists there, where the organization
// has decided nothing.
func (l Limits) ForTemplates() Limits {
	standard, _ := ForPreset(Standard, false)
	if l.Preset == DingTalk && !l.Own("userids_per_call") {
		l.UseridsPerCall = standard.UseridsPerCall
	}
	if l.Preset == DingTalk && !l.Own("depts_per_call") {
		l.DeptsPerCall = standard.DeptsPerCall
	}
	return l
}
