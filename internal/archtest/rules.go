package archtest

// Module is the import path of the repository.
const Module = "github.com/tidings-im/tidings"

// Sizes: past the soft limit a file or function is listed, past the hard one
// the test fails. The tail never starts to grow. A package past its limit needs
// a reason in largePackages.
const (
	softFile, hardFile = 300, 500
	softFunc, hardFunc = 50, 80
	hardPackage        = 2500
)

// arrows says which rooms each room may import, and all of them it does. A room
// that is not here may not exist; tests may import what they like.
var arrows = map[string][]string{
	// Words are for all rooms and see none that decides.
	"fault":   {},
	"message": {"fault"},
	"durable": {},
	"retry":   {},
	"queue":   {},
	"sheet":   {},
	"pinyin":  {},

	// Domain rooms decide. They see no edge, no SQL and no HTTP.
	"policy":      {"audit", "fault"}, // pure decisions: knows who asks, and no other domain room
	"audit":       {},
	"attempt":     {"fault"},
	"directory":   {"audit", "fault", "message", "pinyin", "policy", "sheet"}, // limits live in the organization's row; roles are the table's
	"media":       {"durable", "fault"},
	"certificate": {"durable"},
	"masterkey":   {"audit", "durable", "fault", "node", "retry"},
	"app":         {"audit", "directory", "fault", "masterkey", "message", "policy"},
	"account":     {"audit", "fault", "policy", "queue"},
	"oauth":       {"account", "app", "audit", "directory", "fault"},
	"setup":       {"account", "audit", "directory", "fault", "policy"},
	"signin":      {"account", "audit", "directory", "fault", "masterkey", "policy"},
	"template":    {"fault", "message"},
	"notify":      {"app", "audit", "directory", "fault", "media", "message", "policy", "queue", "template"},
	"review":      {"app", "audit", "fault", "notify", "policy", "template"},
	"task":        {"app", "audit", "directory", "fault", "message", "notify", "policy", "queue"},
	"inbox":       {"fault", "message", "queue"},
	"live":        {"fault", "inbox", "retry"},
	"callback":    {"audit", "directory", "fault", "masterkey", "outbound"},
	"node":        {"retry"},
	"retention":   {"audit", "fault", "message", "policy"},

	// SQL and hints serve the domain rooms, in which the interfaces are.
	"store": {"account", "app", "audit", "callback", "directory", "durable", "fault", "inbox", "masterkey", "media", "node", "notify", "oauth", "policy", "retention", "retry", "review", "setup", "signin", "task", "template"},
	"bus":   {"retry"},

	// The client that programs use, and nothing of ours behind it.
	"client": {},

	// Edges translate between a wire and the domain rooms.
	"dingtalk": {"app", "audit", "callback", "directory", "fault", "media", "message", "notify", "oauth", "policy", "template"},
	"rest":     {"account", "app", "attempt", "audit", "callback", "directory", "fault", "inbox", "live", "media", "message", "oauth", "policy", "review", "setup", "sheet", "signin", "task", "template"},

	// The one room that dials what others name, and who somebody is as others say.
	"outbound":    {},
	"signin/oidc": {"fault", "outbound", "signin"},

	"config":   {"media", "outbound", "policy"}, // one struct made of the rooms' own
	"demo":     {"account", "app", "audit", "client", "directory", "durable", "fault", "inbox", "policy", "review", "template"},
	"transfer": {"audit", "durable", "masterkey", "media", "store"}, // a whole installation at once: the database, the files, the keys
	"server":   anyRoom,                                             // the one room that sees all rooms
	"cmd":      anyRoom,
	"test":     {"client", "inbox", "message", "store", "template"}, // drives the whole from outside
	"bench":    {},
	"web":      {},

	"archtest": {},
}

// anyRoom marks the few places where everything meets.
var anyRoom = []string{"*"}

// fences keeps a library, and all packages below its path, in the rooms named.
var fences = []struct {
	path  string
	rooms []string
	why   string
}{
	{"database/sql", []string{"store", "test"}, "SQL lives in store"},
	{"modernc.org/sqlite", []string{"store"}, "SQL lives in store"},
	{"github.com/pressly/goose", []string{"store"}, "SQL lives in store"},
	{"github.com/jackc/pgx", []string{"store", "bus", "test"}, "SQL lives in store; bus listens on a connection of its own"},
	{"net/http", []string{"dingtalk", "rest", "live", "media", "outbound", "signin/oidc", "server", "client", "demo", "cmd", "bench", "test"}, "HTTP stays at the edges; only outbound calls what others name"},
	{"github.com/minio/minio-go", []string{"media"}, "only media knows object storages"},
	{"github.com/mozillazg/go-pinyin", []string{"pinyin"}, "only pinyin knows how characters are read"},
	{"rsc.io/qr", []string{"demo"}, "only a terminal shows codes for a camera"},
	{"github.com/klauspost/compress/gzhttp", []string{"rest"}, "only our own API is compressed as it is answered"},
	{"github.com/danielgtaylor/huma", []string{"rest"}, "only our own API is generated from types"},
	{"github.com/coreos/go-oidc", []string{"signin/oidc"}, "only signin/oidc speaks OpenID Connect"},
	{"golang.org/x/oauth2", []string{"signin/oidc"}, "only signin/oidc is a client of OAuth"},
}

// largePackages are those past hardPackage lines of code, tests not counted,
// each with the reason why it is not two.
var largePackages = map[string]string{
	"internal/store":     "each table's statements stand beside those of its neighbours, and one transaction spans several of them",
	"internal/app":       "a token stands for what its app, installation, secret and ticket are together, and a change of any of them ends it",
	"internal/media":     "what a content is, how pictures are redrawn and where files are kept is the way of one upload, in detectors of a file each",
	"internal/message":   "eight message types share one decoder, one canonical form and one renderer of cards",
	"internal/demo":      "half of it is words, what the sample organizations are sent, in the types of the code that sends it",
	"internal/directory": "people, departments, audiences and the import all work on one snapshot of an organization",
	"internal/dingtalk":  "one wire: its carriers, its envelopes and its table of codes serve every route",
	"internal/inbox":     "pages, changes and unread counts read the same two sources, filed rows and large sends",
	"internal/notify":    "what is decided under the lock and what is planned without it run the same rules over the same state",
	"internal/server":    "it puts all rooms together, and each of them is wired, measured and guarded here",
	"internal/rest":      "each resource is a file or two of its own, and all are described by one set of types and name people in one way",
	"cmd/tidings":        "a command is a file of its own, and all of them share how arguments and answers are written",
}

// longFuncs are excepted from the hard limit: tables that are read line by
// line. Named as path:function.
var longFuncs = []string{}

// panics are the functions that may panic, as path:function, each because it
// runs before anything is served or because going on would lose data.
var panics = []string{}
