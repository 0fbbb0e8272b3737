package archtest

import "slices"

// Module is the import path of the repository.
const Module = "github.com/tidings-im/tidings"

// Sizes: past the soft limit a file or function is listed, past the hard one
// the test fails. The tail never starts to grow.
const (
	softFile, hardFile = 300, 500
	softFunc, hardFunc = 50, 80
)

// words are what every room may use, and see no other room; domain rooms decide.
var (
	words  = []string{"fault", "message", "durable", "retry"}
	domain = []string{"attempt", "directory", "app", "template", "policy", "notify", "inbox", "live", "media", "account", "audit", "review", "retention"}
)

// arrows says which rooms each room may import. A room that is not here may not
// exist; tests may import what they like.
var arrows = map[string][]string{
	"fault":   {},
	"message": {"fault"},
	"durable": {},
	"retry":   {},

	"directory": join(words, "policy"), // limits live in the organization's row
	"policy":    words,                 // pure decisions over sets: imports no other domain room
	"media":     words,
	"audit":     words,
	"attempt":   words,
	"app":       join(words, "audit", "directory", "policy"),
	"account":   join(words, "directory", "app"),
	"template":  join(words, "directory", "app"),
	"notify":    join(words, "directory", "app", "media", "policy", "template"),
	"review":    join(words, "app", "audit", "notify", "template"),
	"inbox":     join(words, "directory", "app", "notify"),
	"live":      join(words, "directory", "app", "notify", "inbox"),
	"retention": join(words, "policy"),

	"store": join(words, domain...),
	"bus":   join(words, domain...),

	"dingtalk": join(words, domain...),
	"rest":     join(words, domain...),

	"config": anyRoom, // one struct made of the rooms' own
	"server": anyRoom, // the one room that sees all rooms
	"demo":   join(words, domain...),
	// A whole installation at once: the database, the files, the keys.
	"transfer": {"app", "media", "store", "durable"},
	"cmd":      anyRoom,
	"bench":    anyRoom,
	"test":     anyRoom, // drives the whole from outside
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
	{"database/sql", []string{"store", "bench", "test"}, "SQL lives in store"},
	{"modernc.org/sqlite", []string{"store", "bench", "test"}, "SQL lives in store"},
	{"github.com/pressly/goose", []string{"store"}, "SQL lives in store"},
	{"github.com/jackc/pgx", []string{"store", "bus", "bench", "test"}, "SQL lives in store; bus listens on a connection of its own"},
	{"net/http", []string{"dingtalk", "rest", "live", "media", "server", "demo", "cmd", "bench", "test"}, "HTTP stays at the edges"},
	{"github.com/minio/minio-go", []string{"media"}, "only media knows object storages"},
	{"rsc.io/qr", []string{"demo", "cmd"}, "only a terminal shows codes for a camera"},
	{"github.com/klauspost/compress/gzhttp", []string{"rest"}, "only our own API is compressed as it is answered"},
	{"github.com/danielgtaylor/huma", []string{"rest"}, "only our own API is generated from types"},
}

// longFuncs are excepted from the hard limit: tables that are read line by
// line. Named as path:function.
var longFuncs = []string{}

// panics are the functions that may panic, as path:function, each because it
// runs before anything is served or because going on would lose data.
var panics = []string{
	// Passes on http.ErrAbortHandler, by which a handler tells net/http to cut
	// the connection.
	"internal/rest/outer.go:api.rescue",
}

func join(base []string, more ...string) []string { return slices.Concat(base, more) }
