package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/media/s3"
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
	LogLevel  slog.Level
	LogFormat string // "text" or "json"
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
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port))
}

// Port is the port of Listen; 0 when a server is to pick a free one.
func (c Config) Port() int {
	_, port, _ := net.SplitHostPort(c.Listen)
	n, _ := strconv.Atoi(port) // Load has checked it
	return n
}

// Secure reports whether people reach the server by https.
func (c Config) Secure() bool { return strings.HasPrefix(c.PublicURL, "https://") }

// Defaults differ between the commands that take options.
type Defaults struct {
	Data      string // directory
	OpsListen string // HOST:PORT or "off"
	LogLevel  string
	MakeKey   bool // make a missing key file on either engine
}

// ServeDefaults are those of `tidings serve` and `tidings admin`.
func ServeDefaults() Defaults {
	return Defaults{Data: "data", OpsListen: "127.0.0.1:8081", LogLevel: "info"}
}

// KeylessDefaults are those of commands that never read the key file: it need
// not be named.
func KeylessDefaults() Defaults {
	d := ServeDefaults()
	d.MakeKey = true
	return d
}

// DemoDefaults are those of `tidings demo`: a directory of its own, no second
// listener, a key file made on either engine, and a terminal left to what the
// demo shows.
func DemoDefaults() Defaults {
	return Defaults{Data: "tidings-demo", OpsListen: "off", LogLevel: "warn", MakeKey: true}
}

// Load puts together what the flags, the environment (as os.LookupEnv gives
// it) and the file say. The error names the option and where its value came
// from; it is meant for the operator's terminal.
func Load(flags Flags, env func(string) (string, bool), defaults Defaults) (Config, error) {
	s := &sources{flags: flags.given(), env: env}
	if path, from, ok := s.find("config"); ok {
		if path == "" {
			return Config{}, fmt.Errorf("config (%s): names no file", from)
		}
		var err error
		if s.file, err = readFile(path); err != nil {
			return Config{}, err
		}
		s.path = path
	}
	c := Config{
		Listen:    take(s, "listen", "127.0.0.1:8080", address),
		Data:      take(s, "data", defaults.Data, directory),
		OpsListen: take(s, "ops-listen", defaults.OpsListen, addressOrOff),
		Preset:    take(s, "preset", policy.Standard, preset),
		PublicURL: take(s, "public-url", "", publicURL),
		Hints:     take(s, "hints", "on", onOff),
		LogLevel:  take(s, "log-level", defaults.LogLevel, level),
		LogFormat: take(s, "log-format", "text", oneOf("text", "json")),
	}
	_, _, c.OpsAsked = s.find("ops-listen")
	c.Database = take(s, "database", "sqlite:"+filepath.Join(c.Data, "tidings.db"), database)
	_, onSQLite := c.SQLite()
	c.MakeKey = onSQLite || defaults.MakeKey
	c.takeMedia(s)
	c.KeyFile = take(s, "key-file", filepath.Join(c.Data, "key"), directory)
	if _, _, named := s.find("key-file"); !named && !c.MakeKey {
		s.errs = append(s.errs, errors.New("key-file: must be named on PostgreSQL, where every node needs the same keys"))
	}
	return c, errors.Join(s.errs...)
}

// sources are where values come from, and what was wrong with them.
type sources struct {
	flags, file map[string]string
	env         func(string) (string, bool)
	path        string
	errs        []error
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
	value, err := parse(text)
	if err != nil {
		s.errs = append(s.errs, fmt.Errorf("%s (%s): %w", option, from, err))
	}
	return value
}

func address(text string) (string, error) {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("%q is not HOST:PORT", text)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("%q has no port between 0 and 65535", text)
	}
	return text, nil
}

func addressOrOff(text string) (string, error) {
	if text == "off" {
		return "", nil
	}
	value, err := address(text)
	if err != nil {
		return "", fmt.Errorf("%w, nor off", err)
	}
	return value, nil
}

// publicURL takes an address without a path. A slash at its end does no harm
// and is left out. An empty one is as none.
func publicURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || strings.ContainsAny(text, "?#") {
		return "", errors.New("must be http:// or https:// and a host, perhaps a port, and nothing after it")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "", errors.New("has no port between 1 and 65535")
		}
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

func directory(text string) (string, error) {
	if text == "" {
		return "", errors.New("is empty")
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return "", fmt.Errorf("no absolute path: %w", err)
	}
	return path, nil
}

// ParseDatabase checks the address of a database; a path becomes absolute. The
// error never repeats the value: it may hold a password.
func ParseDatabase(text string) (string, error) { return database(text) }

func database(text string) (string, error) {
	if path, ok := strings.CutPrefix(text, "sqlite:"); ok {
		path, err := directory(path)
		return "sqlite:" + path, err
	}
	if strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://") {
		return text, nil
	}
	return "", errors.New("must be sqlite:PATH or postgres://…")
}

func preset(text string) (string, error) { return oneOf(policy.Presets()...)(text) }

func level(text string) (slog.Level, error) {
	if _, err := oneOf("debug", "info", "warn", "error")(text); err != nil {
		return 0, err
	}
	var l slog.Level
	return l, l.UnmarshalText([]byte(text))
}

func onOff(text string) (bool, error) {
	_, err := oneOf("on", "off")(text)
	return text == "on", err
}

func oneOf(allowed ...string) func(string) (string, error) {
	return func(text string) (string, error) {
		if !slices.Contains(allowed, text) {
			return "", fmt.Errorf("%q is none of %s", text, strings.Join(allowed, ", "))
		}
		return text, nil
	}
}
