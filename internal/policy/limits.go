package policy

import (
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
)

// Limits is how strict an organization is with its apps. A count of 0 means
// no limit, a window of 0 means as long as the message is kept. The values
// live in the organization's row; an installation may override them.
type Limits struct {
	Preset string `json:"preset"`

	UseridsPerCall     int  `json:"userids_per_call"`     // entries of userid_list
	DeptsPerCall       int  `json:"depts_per_call"`       // entries of dept_id_list
	RecipientsPerCall  int  `json:"recipients_per_call"`  // people, after departments are expanded
	RecipientsPerMin   int  `json:"recipients_per_min"`   // people per app and calendar minute
	MessagesPerDay     int  `json:"messages_per_day"`     // per app and recipient
	EveryonePerDay     int  `json:"everyone_per_day"`     // sends to everyone per app
	MessageBytes       int  `json:"message_bytes"`        // UTF-8 bytes of the canonical message
	StatusBarUsers     int  `json:"status_bar_users"`     // most users of a send with a status bar, named one by one
	ResultRecipients   int  `json:"result_recipients"`    // most people a result is given for
	CallsPerSecond     int  `json:"calls_per_second"`     // per app and API, on each node
	CallsPerMonth      int  `json:"calls_per_month"`      // of the whole organization
	UploadBytes        int  `json:"upload_bytes"`         // of files kept, of all apps of the organization
	UploadBytesPerApp  int  `json:"upload_bytes_per_app"` // of files kept, of one app
	SameContentOnce    bool `json:"same_content_once"`    // an identical message reaches a recipient once a day
	RecallWindow       Dur  `json:"recall_window"`
	StatusBarWindow    Dur  `json:"status_bar_window"`
	ProgressWindow     Dur  `json:"progress_window"`
	ResultWindow       Dur  `json:"result_window"`
	EveryoneNeedsGrant bool `json:"everyone_needs_grant"` // to_all_user only with the app's grant
	StrictOA           bool `json:"strict_oa"`            // oa messages need a link, and text and colour of the head

	TemplatesForInternalApps bool `json:"templates_for_internal_apps"` // internal apps may send by template

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
