package policy

// Right is the stable name of what somebody may do, such as "templates.write".
// Every route of our own API is registered with one. What no rule of the table
// grants, nobody may do.
type Right string

// The rights.
const (
	Open Right = "open" // what needs no credential: signing in, and what explains it

	MeRead       Right = "me.read"
	SessionsRead Right = "sessions.read"
	SessionsEnd  Right = "sessions.end"
	TokensRead   Right = "tokens.read"
	TokensRevoke Right = "tokens.revoke"

	// Of programs that one signs in to by one's session.
	ConsentsGive     Right = "consents.give"
	ConsentsRead     Right = "consents.read"
	ConsentsWithdraw Right = "consents.withdraw"
	PageCodesMake    Right = "page_codes.make"

	InboxRead Right = "inbox.read"
	InboxMark Right = "inbox.mark"
	FilesRead Right = "files.read" // the file itself is shown by a message, as an icon, or by TemplatesRead

	AppsList Right = "apps.list" // the names of the apps that the organization owns or has installed
	AppsRead Right = "apps.read" // all that is set of an app

	// Of an app as it is installed in an organization: whom it may reach, what it may
	// do, who sends with it by hand, and whether it is on.
	AppsManage Right = "apps.manage"

	AppsInstall Right = "apps.install" // third-party apps in one's own organization

	InstallationsRead Right = "installations.read" // where an app is installed, which its own organization knows

	AppsCreate Right = "apps.create"
	AppsWrite  Right = "apps.write" // of an app where it belongs: what people see of it, its page, its hosts, its secrets, its callback

	TemplatesRead   Right = "templates.read"
	TemplatesList   Right = "templates.list"  // of all apps of the organization, what TemplatesRead shows
	TemplatesWrite  Right = "templates.write" // submitting, switching on and off, and deleting too
	TemplatesTest   Right = "templates.test"
	TemplatesReview Right = "templates.review"
	ReviewsRead     Right = "reviews.read" // the list of what one may review

	AuditRead Right = "audit.read" // the organization's audit log; verifying it too

	PeopleRead    Right = "people.read"    // departments, and who is in them, composers inside of their apps' ranges; mobiles and mails not
	PeopleMobiles Right = "people.mobiles" // who has a mobile

	SourcesManage  Right = "sign_in_sources.manage" // what people sign in with: reading, changing, trying, turning on and off
	IdentitiesLink Right = "identities.link"        // people and their accounts of elsewhere; whose, MayAdmit says. Who waits too

	// What the console follows as it happens; of what it tells, each thing takes the
	// right that reading it takes.
	ConsoleFollow Right = "console.follow"

	TasksList      Right = "tasks.list" // the list, of what TasksRead shows
	TasksRead      Right = "tasks.read"
	TasksChange    Right = "tasks.change"    // recalling, status bars
	RecipientsRead Right = "recipients.read" // the whole card, who was sent it, who has read it, exports

	SendsWrite    Right = "sends.write"    // by hand, in the name of an app; what would become of a send too
	SendsEveryone Right = "sends.everyone" // SendsWrite to everyone
	SendsTest     Right = "sends.test"     // by hand, to oneself
	FilesUpload   Right = "files.upload"   // for an app: for its sends, its templates, as its icon
)

// Sets of askers beside those of roles. No role has these bits.
const (
	person   Roles = 1 << 13 // everybody of an organization, whatever their roles
	operator Roles = 1 << 14 // whoever runs the installation, on its command line
	nobody   Roles = 1 << 15 // who has shown no credential
)

// The sets of roles that the table names.
var (
	reviewers      = RoleSet(Reviewer)
	writers        = RoleSet(Author, Administrator, Owner)
	overseers      = RoleSet(Auditor, Administrator, Owner)
	beyondEmployee = RoleSet(AllRoles()[1:]...) // every role but employee

	authors    = RoleSet(Author)
	developers = RoleSet(Developer)
	keepers    = RoleSet(Developer, Administrator, Owner)
	onlookers  = RoleSet(Developer, Auditor, Administrator, Owner)
	senders    = RoleSet(Administrator, Owner)
	owners     = RoleSet(Owner)
)

// column is a set of the values that a column of the table has.
type column uint8

// all is every value of a column.
const all column = 0xff

// From: how the asker's organization stands to the resource. Several may hold.
const (
	stranger  column = 1 << iota // it has nothing to do with it
	own                          // it is the organization's: its app, its person
	receiving                    // the organization has the app of another one installed
	appointed                    // the operator named it to review the third-party apps of others
)

// Of: whose app it is about.
const (
	noApp column = 1 << iota
	internal
	thirdParty

	anyApp = internal | thirdParty
)

// Part: what the asker has to do with it. Several may hold.
const (
	other    column = 1 << iota // nothing
	self                        // it is their own: their inbox, their session
	tookPart                    // they wrote or submitted a part of it
	composer                    // they are a composer of the app; of what is no app, of any
	composed                    // they sent it, with an app that they are a composer of

	composing = composer | composed
)

// Stage: how far a template has come.
const (
	shown column = 1 << iota // it was submitted once, or it is about no template
	draft                    // only its authors have had to do with it
)

// rule is one row of the table: who is told what of a right, and when.
type rule struct {
	right   Right
	verdict Verdict
	who     Roles
	from    column
	of      column
	part    column
	stage   column
}

// table is who may do what. A row says when it holds; of the rows that hold the
// best verdict counts, whatever their order, and where none does it is Unseen. So
// a row that refuses is for those who may see the thing: they are told why they may
// not do this to it.
//
// A row reads from left to right: "writing templates is granted to authors,
// administrators and owners whose organization owns the app, whatever app it is,
// whatever part they have in the template, at every stage of it".
var table = []rule{
	// right, verdict, who, from, of, part, stage
	{Open, Granted, nobody | person, all, all, all, all},

	{MeRead, Granted, person, own, noApp, self, all},
	{SessionsRead, Granted, person, own, noApp, self, all},
	{SessionsEnd, Granted, person, own, noApp, self, all},
	{TokensRead, Granted, person, own, noApp, self, all},
	{TokensRevoke, Granted, person, own, noApp, self, all},
	{ConsentsGive, Granted, person, own, noApp, self, all},
	{ConsentsRead, Granted, person, own, noApp, self, all},
	{ConsentsWithdraw, Granted, person, own, noApp, self, all},
	{PageCodesMake, Granted, person, own, noApp, self, all},
	{InboxRead, Granted, person, own, noApp, self, all},
	{InboxMark, Granted, person, own, noApp, self, all},
	{FilesRead, Granted, person, own, noApp, all, all},

	{AppsList, Granted, beyondEmployee, own, noApp, all, all},
	{AppsList, Granted, person, own, noApp, composer, all},
	{AppsList, Refused, person, own, noApp, all, all},

	{AppsRead, Granted, onlookers, own | receiving, anyApp, all, all},
	{AppsRead, Refused, beyondEmployee, own | receiving, anyApp, all, all},
	{AppsRead, Refused, person, own | receiving, anyApp, composer, all},

	// An installation belongs to the organization that it is in.
	{AppsManage, Granted, senders, own, anyApp, all, all},
	{AppsManage, Refused, beyondEmployee, own, anyApp, all, all},
	{AppsManage, Refused, person, own, anyApp, composer, all},

	{AppsInstall, Granted, senders, own, noApp, all, all},
	{AppsInstall, Refused, person, own, noApp, all, all},

	{InstallationsRead, Granted, onlookers, own, anyApp, all, all},
	{InstallationsRead, Refused, beyondEmployee, own | receiving, anyApp, all, all},
	{InstallationsRead, Refused, person, own | receiving, anyApp, composer, all},

	{AppsCreate, Granted, keepers, own, noApp, all, all},
	{AppsCreate, Refused, person, own, noApp, all, all},

	{AppsWrite, Granted, keepers, own, anyApp, all, all},
	{AppsWrite, Refused, beyondEmployee, own | receiving, anyApp, all, all},
	{AppsWrite, Refused, person, own | receiving, anyApp, composer, all},

	{TemplatesRead, Granted, beyondEmployee, own, anyApp, all, all},
	{TemplatesRead, Granted, reviewers, appointed, thirdParty, all, shown},
	{TemplatesRead, Granted, operator, all, anyApp, all, all},

	{TemplatesList, Granted, beyondEmployee, own, noApp, all, all},
	{TemplatesList, Refused, person, own, noApp, all, all},

	{TemplatesWrite, Granted, writers, own, anyApp, all, all},
	{TemplatesWrite, Granted, operator, all, anyApp, all, all},
	{TemplatesWrite, Refused, beyondEmployee, own, anyApp, all, all},
	{TemplatesWrite, Refused, reviewers, appointed, thirdParty, all, all},

	{TemplatesTest, Granted, writers, own, anyApp, all, all},
	{TemplatesTest, Refused, operator, all, anyApp, all, all}, // who has no inbox
	{TemplatesTest, Refused, beyondEmployee, own, anyApp, all, all},
	{TemplatesTest, Refused, reviewers, appointed, thirdParty, all, all},

	{TemplatesReview, Granted, reviewers, own, internal, other, all},
	{TemplatesReview, Granted, reviewers, appointed, thirdParty, other, shown},
	{TemplatesReview, Granted, operator, all, anyApp, other, all},
	{TemplatesReview, Refused, beyondEmployee, own, anyApp, all, all},
	{TemplatesReview, Refused, reviewers, appointed, thirdParty, tookPart, shown},
	{TemplatesReview, Refused, operator, all, anyApp, tookPart, all},

	{ReviewsRead, Granted, person, own, noApp, self, all},
	{ReviewsRead, Granted, operator, all, noApp, all, all},

	{AuditRead, Granted, overseers, own, noApp, all, all},
	{AuditRead, Granted, operator, all, noApp, all, all},
	{AuditRead, Refused, person, own, noApp, all, all},

	{PeopleRead, Granted, onlookers, own, noApp, all, all},
	{PeopleRead, Granted, person, own, noApp, composer, all}, // those whom their apps may reach
	{PeopleRead, Refused, person, own, noApp, all, all},

	{PeopleMobiles, Granted, overseers, own, noApp, all, all},
	{PeopleMobiles, Refused, person, own, noApp, all, all},

	{SourcesManage, Granted, owners, own, noApp, all, all},
	{SourcesManage, Refused, person, own, noApp, all, all},

	{IdentitiesLink, Granted, senders, own, noApp, all, all},
	{IdentitiesLink, Refused, person, own, noApp, all, all},

	{ConsoleFollow, Granted, beyondEmployee, own, noApp, all, all},
	{ConsoleFollow, Granted, person, own, noApp, composer, all},
	{ConsoleFollow, Refused, person, own, noApp, all, all},

	// A task belongs to the organization that was sent it. It is somebody's own when
	// they sent it by hand: authors see their tests, composers their sends.
	{TasksList, Granted, onlookers | authors, own, all, all, all},
	{TasksList, Granted, person, own, all, composer, all},
	{TasksList, Refused, person, own, all, all, all},

	{TasksRead, Granted, onlookers, own, anyApp, all, all},
	{TasksRead, Granted, authors, own, anyApp, self, all},
	{TasksRead, Granted, person, own, anyApp, composed, all},

	{TasksChange, Granted, keepers, own, anyApp, all, all},
	{TasksChange, Granted, person, own, anyApp, composed, all},
	{TasksChange, Refused, onlookers, own, anyApp, all, all},
	{TasksChange, Refused, authors, own, anyApp, self, all},

	{RecipientsRead, Granted, overseers, own, anyApp, all, all},
	{RecipientsRead, Granted, developers, own, internal, all, all},
	{RecipientsRead, Granted, authors, own, anyApp, self, all},
	{RecipientsRead, Granted, person, own, anyApp, composed, all},
	{RecipientsRead, Refused, onlookers, own, anyApp, all, all},

	// A send belongs to the organization that is sent it, as the task does that
	// becomes of it.
	{SendsWrite, Granted, senders, own, anyApp, all, all},
	{SendsWrite, Granted, person, own, anyApp, composer, all},
	{SendsWrite, Refused, beyondEmployee, own, anyApp, all, all},

	{SendsEveryone, Granted, senders, own, anyApp, all, all},
	{SendsEveryone, Refused, beyondEmployee, own, anyApp, all, all},

	// Developers try their organization's own apps.
	{SendsTest, Granted, senders, own, anyApp, all, all},
	{SendsTest, Granted, developers, own, internal, all, all},
	{SendsTest, Granted, person, own, anyApp, composer, all},
	{SendsTest, Refused, beyondEmployee, own, anyApp, all, all},

	// Icons and the pictures of templates are uploaded where the app belongs, what is
	// sent by hand where it is installed.
	{FilesUpload, Granted, senders, own | receiving, anyApp, all, all},
	{FilesUpload, Granted, developers | authors, own, anyApp, all, all},
	{FilesUpload, Granted, person, own | receiving, anyApp, composer, all},
	{FilesUpload, Refused, beyondEmployee, own | receiving, anyApp, all, all},
}

// Rights returns every right that the table knows.
func Rights() []Right {
	var list []Right
	for _, r := range table {
		if len(list) == 0 || list[len(list)-1] != r.right {
			list = append(list, r.right)
		}
	}
	return list
}

// NeedsRole reports whether it takes more than being somebody to have a right, so
// that a person's roles must be known, and the apps that they are a composer of.
func (r Right) NeedsRole() bool {
	for _, rule := range table {
		if rule.right == r && rule.verdict == Granted && rule.who&(person|nobody) != 0 && !rule.ofComposers() {
			return false
		}
	}
	return true
}

// ofComposers reports whether a row is for composers alone.
func (r rule) ofComposers() bool { return r.part&^composing == 0 }

// Page is a page of the console, by the first part of its address.
type Page string

// The pages that people may open. Others come with their rights.
const (
	PageTemplates     Page = "templates"
	PageReviews       Page = "reviews"
	PageAudit         Page = "audit"
	PageNotifications Page = "notifications"
	PageCompose       Page = "compose"
	PageApps          Page = "apps"
)

// pages says which right opens which page.
var pages = []struct {
	page  Page
	right Right
}{
	{PageTemplates, TemplatesList},
	{PageReviews, TemplatesReview},
	{PageAudit, AuditRead},
	{PageNotifications, TasksList},
	{PageCompose, SendsWrite},
	{PageApps, AppsRead},
}
