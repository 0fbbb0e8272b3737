// Command tidings is a self-hosted work-notification server.
//
//	tidings serve     run the server
//	tidings demo      run it with sample organizations that have something to show
//	tidings admin …   organizations, departments, users, apps, tokens, signing in;
//	                  the first one with: tidings admin org create NAME --init
//	tidings migrate … the schema of the database
//	tidings move      a whole installation to another place or engine
//	tidings backup    everything into a directory
//	tidings restore   an installation of a backup
//	tidings config check
//	tidings doctor    what is wrong with an installation, and what to do
//	tidings completion bash, zsh or fish
//	tidings version
//
// It exits with 0 when done, 1 when the command failed, 2 when the command
// line or the configuration cannot be used, 3 when migrate status found
// something pending, 4 when an import would have disabled too many people, and 70 when SQLite reported a
// failure after which only a new start can tell what is on disk.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // organizations have zones, small machines have no files of them

	"github.com/alecthomas/kong"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/server"
)

// The exit codes; docs/config.md explains them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPending = 3
	exitHeld    = 4
	exitFatal   = 70
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := realMain(&environment{
		ctx: ctx, args: os.Args[1:], lookup: os.LookupEnv, in: os.Stdin, out: os.Stdout, err: os.Stderr,
	})
	stop()
	os.Exit(code)
}

// environment is the world around one command.
type environment struct {
	ctx    context.Context
	args   []string
	lookup func(string) (string, bool)
	in     io.Reader
	out    io.Writer
	err    io.Writer
	// log is a server's, where its log has another form than lines for people:
	// the failure that ends it is told there too.
	log *slog.Logger
	// json is set when the command was asked for JSON: its failure is told so too.
	json bool
	// What was said at the level of commands that hold others.
	admin   *adminCmd
	migrate *migrateCmd
}

type cli struct {
	Serve      serveCmd      `cmd:"" help:"Run the server."`
	Demo       demoCmd       `cmd:"" help:"Run the server with two sample organizations, send them one message of every type, and print what to do next."`
	Admin      adminCmd      `cmd:"" help:"Manage organizations, departments, users, apps, templates, tokens, sessions, the audit log and the master keys. The server may run meanwhile."`
	Migrate    migrateCmd    `cmd:"" help:"Show the version of the database's schema, or bring the schema up to date."`
	Move       moveCmd       `cmd:"" help:"Copy a whole installation to another database, and verify the copy."`
	Backup     backupCmd     `cmd:"" help:"Write a backup of the whole installation into a directory. The server may run meanwhile."`
	Restore    restoreCmd    `cmd:"" help:"Make an installation from a backup, on SQLite or PostgreSQL."`
	Config     configCmd     `cmd:"" help:"Check the configuration."`
	Doctor     doctorCmd     `cmd:"" help:"Check an installation: configuration, keys, schema, disk, database, addresses. Say what is wrong and what to do, and change nothing. The server may run meanwhile."`
	Completion completionCmd `cmd:"" help:"Print the script with which a shell completes commands, flags and values."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

func realMain(e *environment) int {
	exited, commands := -1, &cli{}
	e.admin, e.migrate = &commands.Admin, &commands.Migrate
	parser, err := kong.New(commands,
		kong.Name("tidings"),
		kong.Description("A self-hosted work-notification server. The options of serve may also stand in the environment (TIDINGS_LOG_LEVEL for --log-level) or in the file that --config names; see docs/config.md."),
		// What a command takes for itself comes first in its help.
		kong.ExplicitGroups([]kong.Group{
			{Key: "general", Title: "General flags:"},
			{Key: "place", Title: "Where the installation is, and other options (docs/config.md explains them):"},
		}),
		helpWords(),
		kong.Writers(e.out, e.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
	)
	if err != nil {
		return e.fail(err)
	}
	if len(e.args) == 1 && e.args[0] == "--version" { // a flag of that name would be in the way of commands' own
		e.args = []string{"version"}
	}
	command, err := parser.Parse(e.args)
	e.json = asksForJSON(command, e.args)
	switch {
	case exited >= 0: // help was printed
		return exited
	case err != nil:
		return e.fail(usageError{fmt.Errorf("%w (tidings --help lists the commands)", err)})
	}
	if err := checkRanges(command); err != nil {
		return e.fail(usageError{err})
	}
	if err := command.Run(e); err != nil {
		return e.fail(err)
	}
	return exitDone
}

// helpWords are the lists that help texts name, as ${roles}, and do not keep
// themselves.
func helpWords() kong.Vars {
	return kong.Vars{"roles": strings.Join(policy.RoleNames(), ", ")}
}

// load reads the configuration of a command.
func (e *environment) load(f config.Flags, d config.Defaults) (config.Config, error) {
	c, err := config.Load(f, e.lookup, d)
	if err != nil {
		return c, usageError{err}
	}
	return c, nil
}

// loadServer is load for a command that serves, and returns its log.
func (e *environment) loadServer(f config.Flags, d config.Defaults) (config.Config, *slog.Logger, error) {
	cfg, err := e.load(f, d)
	if err == nil {
		err = checkCertificate(cfg)
	}
	log := server.NewLogger(e.err, cfg.LogLevel, cfg.LogFormat)
	if cfg.LogFormat == "json" { // also when something else cannot be used
		e.log = log
	}
	return cfg, log, err
}

func clock() time.Time { return time.Now() }
