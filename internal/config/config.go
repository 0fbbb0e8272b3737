package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/media/s3"
	"github.com/tidings-im/tidings/internal/outbound"
	"github.com/tidings-im/tidings/internal/policy"
)

// Config is what a command works with: complete, validated, paths absolute.
type Config struct {
	Listen    string      // HOST:PORT
	Data      string      // directory
	Database  string      // "sqlite:PATH" or "postgres://…"; may hold a password
	Media     string      // where uploaded files are kept: MediaDisk, MediaDatabase or MediaS3
	Bucket    s3.Location // with MediaS3
	KeyFile   string
	MakeKey   bool   // make the key file when it is missing
	OpsListen string // HOST:PORT, "" when off
	OpsAsked  bool   // somebody chose OpsListen: failing to listen there is an error
	Hints     bool   // nodes on one PostgreSQL tell each other what is new
	Preset    string
	PublicURL string // http or https and a host; "" when nobody said, see Address
	// TLSCert and TLSKey are files, both or neither: with them the server speaks
	// https alone.
	TLSCert, TLSKey string
	// TrustedProxies may say in ProxyHeader for whom they ask.
	TrustedProxies []netip.Prefix
	ProxyHeader    string
	OutboundAllow  outbound.Allowed // where addresses that others name may lead, beside the Internet
	LogLevel       slog.Level
	LogFormat      string // "text" or "json"

	File string // that was read, "" for none

	// From says for each option where its value came from: the flag, the
	// variable, the file, or "default".
	From map[string]string
}

// SQLite returns the path of the SQLite file, or false on PostgreSQL.
func (c Config) SQLite() (path string, ok bool) { return strings.CutPrefix(c.Database, "sqlite:") }

// Address is where people reach the server that listens on a port: what the
// operator said, or else the address of Listen, and this machine alone when
// that is all addresses.
func (c Config) Address(port int) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http"
	if c.TLS() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// TLS reports whether the server speaks https itself.
func (c Config) TLS() bool { return c.TLSCert != "" }

// Port is the port of Listen; 0 when a server is to pick a free one.
func (c Config) Port() int {
	_, port, _ := net.SplitHostPort(c.Listen)
	n, _ := strconv.Atoi(port) // Load has checked it
	return n
}

// Secure reports whether people reach the server by https.
func (c Config) Secure() bool { return c.TLS() || strings.HasPrefix(c.PublicURL, "https://") }

// Defaults differ between the commands that take options.
type Defaults struct {
	Data      string // directory
	OpsListen string // HOST:PORT or "off"
	LogLevel  string
	MakeKey   bool   // make a missing key file on either engine
	File      string // read if it is there and no other is named
}

// StandardFile is read by every command but the demo, so that administration
// finds what the server's unit was told.
const StandardFile = "/etc/tidings/tidings.yaml"

// ServeDefaults are those of `tidings serve` and `tidings admin`.
func ServeDefaults() Defaults {
	return Defaults{Data: "data", OpsListen: "127.0.0.1:8081", LogLevel: "info", File: StandardFile}
}

// KeylessDefaults are those of commands that never read the key file: it need
// not be named.
func KeylessDefaults() Defaults {
	d := ServeDefaults()
	d.MakeKey = true
	return d
}

// DemoDefaults are those of `tidings demo`: a directory of its own, whatever a
// server on this machine was told, no second listener, a key file made on
// either engine, and a terminal left to what the demo shows.
func DemoDefaults() Defaults {
	return Defaults{Data: "tidings-demo", OpsListen: "off", LogLevel: "warn", MakeKey: true}
}

// Load puts together what the flags, the environment (as os.LookupEnv gives
// it) and the file say. The error names the option and where its value came
// from; it is meant for the operator's terminal.
func Load(flags Flags, env func(string) (string, bool), defaults Defaults) (Config, error) {
	s := &sources{flags: flags.given(), env: env, from: map[string]string{}}
	if err := s.read(defaults.File); err != nil {
		return Config{}, err
	}
	c := Config{
		Listen:         take(s, "listen", "127.0.0.1:8080", address),
		Data:           take(s, "data", defaults.Data, directory),
		OpsListen:      take(s, "ops-listen", defaults.OpsListen, addressOrOff),
		Preset:         take(s, "preset", policy.Standard, preset),
		PublicURL:      take(s, "public-url", "", publicURL),
		TLSCert:        take(s, "tls-cert", "", fileOrNone),
		TLSKey:         take(s, "tls-key", "", fileOrNone),
		TrustedProxies: take(s, "trusted-proxies", "", prefixes),
		ProxyHeader:    take(s, "proxy-header", "X-Forwarded-For", headerName),
		OutboundAllow:  take(s, "outbound-allow", "", outbound.ParseAllowed),
		Hints:          take(s, "hints", "on", onOff),
		LogLevel:       take(s, "log-level", defaults.LogLevel, level),
		LogFormat:      take(s, "log-format", "text", oneOf("text", "json")),
	}
	_, _, c.OpsAsked = s.find("ops-listen")
	c.Database = take(s, "database", "sqlite:"+filepath.Join(c.Data, "tidings.db"), s.database)
	_, onSQLite := c.SQLite()
	c.MakeKey = onSQLite || defaults.MakeKey
	c.takeMedia(s)
	c.checkTLS(s)
	c.KeyFile = take(s, "key-file", filepath.Join(c.Data, "key"), directory)
	if _, _, named := s.find("key-file"); !named && !c.MakeKey {
		s.errs = append(s.errs, errors.New("key-file: must be named on PostgreSQL, where every node needs the same keys"))
	}
	c.From, c.File = s.from, s.path
	return c, errors.Join(s.errs...)
}

// sources are where values come from, and what was wrong with them.
type sources struct {
	flags, file map[string]string
	env         func(string) (string, bool)
	path        string            // of the file
	from        map[string]string // what was taken, by option
	errs        []error
}

// read reads the file that somebody named, or the standard one if it is there.
func (s *sources) read(standard string) error {
	path, from, named := s.find("config")
	switch {
	case named && path == "":
		return fmt.Errorf("config (%s): names no file", from)
	case !named:
		path, from = standard, "default"
	}
	if path == "" {
		return nil
	}
	said, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w: run the command as the server's user, or name another file with --config (/dev/null for none)", err)
	}
	s.file, s.path = said, path
	s.from["config"] = from
	return err
}

// find returns what is said about an option, and where.
func (s *sources) find(option string) (value, from string, ok bool) {
	if value, ok = s.flags[option]; ok {
		return value, "--" + option, true
	}
	if value, ok = s.env(envName(option)); ok {
		return value, envName(option), true
	}
	value, ok = s.file[option]
	return value, s.path, ok
}

func take[T any](s *sources, option, standard string, parse func(string) (T, error)) T {
	text, from, ok := s.find(option)
	if !ok {
		text, from = standard, "default"
	}
	s.from[option] = from
	value, err := parse(text)
	if err != nil {
		s.errs = append(s.errs, fmt.Errorf("%s (%s): %w", option, from, err))
	}
	return value
}
