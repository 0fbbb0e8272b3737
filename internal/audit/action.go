package audit

import "slices"

// Action is the stable name of a step, of the form noun.verb.
type Action string

// What happens to templates.
const (
	TemplateCreate   Action = "template.create"
	TemplateSave     Action = "template.save" // one for a person, a draft and ten minutes
	TemplateDiscard  Action = "template.discard"
	TemplateSubmit   Action = "template.submit"
	TemplateWithdraw Action = "template.withdraw"
	TemplateApprove  Action = "template.approve"
	TemplateReject   Action = "template.reject"
	TemplateEnable   Action = "template.enable"
	TemplateDisable  Action = "template.disable"
	TemplateClone    Action = "template.clone"
	TemplateDelete   Action = "template.delete"
	TemplateTest     Action = "template.test" // written before the test is sent
	DirectSendOn     Action = "direct_send.on"
	DirectSendOff    Action = "direct_send.off"
)

// What somebody does by hand with what was sent.
const (
	TaskSend      Action = "task.send"
	TaskTest      Action = "task.test" // to oneself
	TaskRecall    Action = "task.recall"
	TaskStatusBar Action = "task.status_bar"
	ResultExport  Action = "result.export" // a list of the people of a task left as a file
)

// What happens to apps and what they show who they are with.
const (
	AppCreate    Action = "app.create" // with its first secret
	AppSave      Action = "app.save"   // what people see of it
	AppDisable   Action = "app.disable"
	AppEnable    Action = "app.enable"
	AppInstall   Action = "app.install"
	AppUninstall Action = "app.uninstall"
	AgentDisable Action = "agent.disable"
	AgentEnable  Action = "agent.enable"
	GrantsSave   Action = "grants.save"
	LimitsSave   Action = "limits.save"

	ComposersSave Action = "composers.save" // who may send by hand with it

	RangeSet     Action = "range.set"
	RetentionSet Action = "retention.set"
	SecretAdd    Action = "secret.add"
	SecretEnd    Action = "secret.end"
	TicketNew    Action = "ticket.new"
	TokensEnd    Action = "tokens.end" // all access tokens of an app
	CallbackSave Action = "callback.save"
	CallbackEnd  Action = "callback.end"
)

// What happens to organizations and people.
const (
	OrganizationCreate Action = "organization.create"
	OrganizationSave   Action = "organization.save"
	DepartmentCreate   Action = "department.create"
	DepartmentSave     Action = "department.save"
	DepartmentDelete   Action = "department.delete"
	PersonCreate       Action = "person.create"
	PersonSave         Action = "person.save"
	RolesSave          Action = "roles.save"
	PersonDisable      Action = "person.disable"
	PersonEnable       Action = "person.enable"
	PersonDelete       Action = "person.delete"
	PersonErase        Action = "person.erase"
	PeopleImport       Action = "people.import"
	PeopleMatch        Action = "people.match" // a list was looked up, to send to whom it names
	SignInLinkNew      Action = "sign_in_link.new"
	APITokenNew        Action = "api_token.new"
	APITokenEnd        Action = "api_token.end"
	SessionsEnd        Action = "sessions.end" // by the operator
)

// What happens to the sources that people sign in with.
const (
	SourceCreate   Action = "sign_in_source.create"
	SourceSave     Action = "sign_in_source.save"
	SourceTest     Action = "sign_in_source.test" // somebody has signed in by way of trying it
	SourceEnable   Action = "sign_in_source.enable"
	SourceDisable  Action = "sign_in_source.disable"
	IdentityLink   Action = "identity.link" // an account of elsewhere is a person's
	IdentityUnlink Action = "identity.unlink"
)

// What happens to the installation and to the log itself.
const (
	Restored   Action = "installation.restore"
	Moved      Action = "installation.move"
	LogTrimmed Action = "audit.trim"

	// Of the master keys; the version is the number of one.
	KeyAdd       Action = "key.add"
	KeyCancel    Action = "key.cancel"
	KeyUse       Action = "key.use"
	KeyTokensEnd Action = "key.tokens_end" // written before they end
	KeyDrop      Action = "key.drop"
)

// actions is every action that there is.
var actions = []Action{
	TemplateCreate, TemplateSave, TemplateDiscard, TemplateSubmit, TemplateWithdraw, TemplateApprove, TemplateReject, TemplateEnable, TemplateDisable,
	TemplateClone, TemplateDelete, TemplateTest, DirectSendOn, DirectSendOff, TaskSend, TaskTest, TaskRecall, TaskStatusBar, ResultExport,

	AppCreate, AppSave, AppDisable, AppEnable, AppInstall, AppUninstall, AgentDisable, AgentEnable, GrantsSave, LimitsSave, RangeSet, ComposersSave,
	RetentionSet, SecretAdd, SecretEnd, TicketNew, TokensEnd, CallbackSave, CallbackEnd,

	OrganizationCreate, OrganizationSave, DepartmentCreate, DepartmentSave, DepartmentDelete, PersonCreate, PersonSave, RolesSave,
	PersonDisable, PersonEnable, PersonDelete, PersonErase, PeopleImport, PeopleMatch, SignInLinkNew, APITokenNew, APITokenEnd, SessionsEnd,
	SourceCreate, SourceSave, SourceTest, SourceEnable, SourceDisable, IdentityLink, IdentityUnlink,

	Restored, Moved, LogTrimmed, KeyAdd, KeyCancel, KeyUse, KeyTokensEnd, KeyDrop,
}

// Actions returns every action that an entry may have.
func Actions() []Action { return slices.Clone(actions) }
