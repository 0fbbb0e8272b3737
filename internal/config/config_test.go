package config_test

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/config"
)

func TestDefaults(t *testing.T) {
	t.Parallel()
	got, err := config.Load(config.Flags{}, environment(nil), config.Defaults{Data: "/srv/tidings", OpsListen: "127.0.0.1:8081", LogLevel: "info"})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Listen: "127.0.0.1:8080", Data: "/srv/tidings", Database: "sqlite:/srv/tidings/tidings.db",
		KeyFile: "/srv/tidings/key", MakeKey: true, OpsListen: "127.0.0.1:8081",
		Media: "disk", Hints: true, Preset: "standard", LogLevel: slog.LevelInfo, LogFormat: "text",
		ProxyHeader: "X-Forwarded-For",
	}
	for option, from := range got.From {
		if from != "default" {
			t.Errorf("%s comes from %s", option, from)
		}
	}
	got.From = nil
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

// Every option can be said in each of the three places, and the nearer one wins.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for _, option := range config.Options() {
		if option.Name == "config" {
			continue
		}
		t.Run(option.Name, func(t *testing.T) {
			t.Parallel()
			values := samples[option.Name]
			file := mustFile(t, option.Name+": \""+values[0]+"\"\n")
			env := map[string]string{"TIDINGS_CONFIG": file}
			if needed, ok := together[option.Name]; ok {
				env[needed] = "/needed"
			}
			expect := func(where string, flags config.Flags, want string) {
				t.Helper()
				c, err := config.Load(flags, environment(env), config.DemoDefaults())
				if err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				for _, s := range c.Settings() {
					if s.Option == option.Name && (s.Value == "" || !strings.Contains(want, s.Value) && !strings.Contains(s.Value, want)) {
						t.Errorf("%s: %s is shown as %q, want %q", where, option.Name, s.Value, want)
					}
				}
				if got := text(c, option.Name); got != want {
					t.Errorf("%s: %s = %q, want %q", where, option.Name, got, want)
				}
			}
			expect("file", config.Flags{}, values[0])
			env[option.Env] = values[1]
			expect("environment", config.Flags{}, values[1])
			expect("flag", given(t, option.Name, values[2]), values[2])
		})
	}
}

// together are options that are refused alone, with the variable of what they need.
var together = map[string]string{"tls-cert": "TIDINGS_TLS_KEY", "tls-key": "TIDINGS_TLS_CERT"}

// samples are three valid values of each option: a test that meets an option
// without them fails, so a new option cannot be forgotten here.
var samples = map[string][3]string{
	"listen":     {"127.0.0.1:1", "[::1]:2", ":3"},
	"data":       {"/a", "/b", "/c"},
	"database":   {"sqlite:/a/x", "postgres://u@db.example.com/b", "sqlite:/c/x"},
	"key-file":   {"/a", "/b", "/c"},
	"ops-listen": {"127.0.0.1:1", "off", "127.0.0.1:3"},
	"media":      {"database", "s3:https://s3.example.com/files", "disk"},
	"hints":      {"off", "on", "off"},
	"preset":     {"dingtalk", "standard", "dingtalk"},
	"tls-cert":   {"/a", "/b", "/c"},
	"tls-key":    {"/a", "/b", "/c"},
	"public-url": {"http://a.example.com", "https://b.example.com:8443", "http://[::1]:8080"},
	"log-level":  {"debug", "warn", "error"},
	"log-format": {"json", "text", "json"},

	"trusted-proxies": {"192.0.2.1", "10.0.0.0/8,2001:db8::/64", "127.0.0.1"},
	"outbound-allow":  {"192.0.2.1", "10.0.0.0/8,hooks.example.com", "127.0.0.1"},
	"proxy-header":    {"X-Real-IP", "X-Forwarded-For", "True-Client-IP"},
}

func text(c config.Config, option string) string {
	ops := c.OpsListen
	if ops == "" {
		ops = "off"
	}
	files := c.Media
	if files == config.MediaS3 {
		files += ":https://" + c.Bucket.Endpoint + "/" + c.Bucket.Bucket
	}
	hints := "off"
	if c.Hints {
		hints = "on"
	}
	var proxies []string
	for _, p := range c.TrustedProxies {
		proxies = append(proxies, strings.TrimSuffix(p.String(), "/32"))
	}
	return map[string]string{
		"trusted-proxies": strings.Join(proxies, ","), "proxy-header": c.ProxyHeader,
		"outbound-allow": c.OutboundAllow.String(),

		"listen": c.Listen, "data": c.Data, "database": c.Database, "key-file": c.KeyFile, "ops-listen": ops, "hints": hints, "media": files,
		"tls-cert": c.TLSCert, "tls-key": c.TLSKey,
		"preset": c.Preset, "public-url": c.PublicURL, "log-level": strings.ToLower(c.LogLevel.String()), "log-format": c.LogFormat,
	}[option]
}

func given(t *testing.T, option, value string) config.Flags {
	t.Helper()
	var f config.Flags
	fields := map[string]**string{
		"config": &f.Config, "data": &f.Data, "database": &f.Database, "key-file": &f.KeyFile, "preset": &f.Preset, "public-url": &f.PublicURL,
		"listen": &f.Listen, "ops-listen": &f.OpsListen, "hints": &f.Hints, "media": &f.Media, "log-level": &f.LogLevel, "log-format": &f.LogFormat,

		"tls-cert": &f.TLSCert, "tls-key": &f.TLSKey,

		"trusted-proxies": &f.TrustedProxies, "proxy-header": &f.ProxyHeader,
		"outbound-allow": &f.OutboundAllow,
	}
	field, ok := fields[option]
	if !ok {
		t.Fatalf("no flag for option %q", option)
	}
	*field = &value
	return f
}

func TestRefusedValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ option, value, want string }{
		{"listen", "8080", `listen (--listen): "8080" is not HOST:PORT`},
		{"listen", "127.0.0.1:http", `"127.0.0.1:http" has no port between 0 and 65535`},
		{"listen", "127.0.0.1:65536", "has no port between 0 and 65535"},
		{"ops-listen", "no", `"no" is not HOST:PORT, nor off`},
		{"media", "tape", `media (--media): "tape" is none of disk, database and s3:https://HOST/BUCKET`},
		{"media", "s3:https://key:secret@s3.example.com/files", "media (--media): must not hold credentials: they come from the environment or a file"},
		{"media", "https://key:secret@s3.example.com/files", "must be disk, database or s3:https://HOST/BUCKET"},
		{"media", "s3:s3.example.com/files", "must be s3:https://HOST/BUCKET"},
		{"media", "s3:https://s3.example.com/", "names no bucket"},
		{"media", "s3:https://s3.example.com/files?zone=a", `knows region and path-style, but not "zone"`},
		{"media", "s3:https://s3.example.com/files?path-style=a", `path-style is "a", not true or false`},
		{"hints", "yes", `hints (--hints): "yes" is none of on, off`},
		{"data", "", "data (--data): is empty"},
		{"key-file", "", "key-file (--key-file): is empty"},
		{"database", "mysql://root:hunter2@db.example.com/x", "database (--database): must be sqlite:PATH or postgres://…"},
		{"database", "sqlite:", "is empty"},
		{"database", "postgres://db.example.com/x", "key-file: must be named on PostgreSQL"},
		{"preset", "strict", `preset (--preset): "strict" is none of standard, dingtalk`},
		{"public-url", "tidings.example.com", "public-url (--public-url): must be http:// or https:// and a host"},
		{"public-url", "ftp://tidings.example.com", "nothing after it"},
		{"public-url", "https://", "nothing after it"},
		{"public-url", "https://:8080", "nothing after it"},
		{"public-url", "https://x.example.com/tidings", "nothing after it"},
		{"public-url", "https://x.example.com/?", "nothing after it"},
		{"public-url", "https://x.example.com#top", "nothing after it"},
		{"public-url", "https://ann:hunter2@x.example.com", "nothing after it"},
		{"public-url", "https://x.example.com:99999", "has no port between 1 and 65535"},
		{"tls-cert", "/a.pem", "tls-key: must be named too, where tls-cert (--tls-cert) is"},
		{"tls-key", "/a.pem", "tls-cert: must be named too, where tls-key (--tls-key) is"},
		{"log-level", "trace", `"trace" is none of debug, info, warn, error`},
		{"trusted-proxies", "10.0.0.7, proxy", `"proxy" is neither an address such as 192.0.2.1 nor a network`},
		{"trusted-proxies", "fe80::1%eth0/64", "is neither an address"},
		{"outbound-allow", "10.0.0.7, http://proxy", `"http://proxy" is neither a network such as 10.0.0.0/8`},
		{"proxy-header", "X Forwarded", `"X Forwarded" is not the name of a header`},
		{"log-format", "xml", `"xml" is none of text, json`},
		{"config", "", "config (--config): names no file"},
		{"config", "/nowhere/tidings.yaml", "config file: open /nowhere/tidings.yaml"},
	}
	for _, tt := range tests {
		t.Run(tt.option+"="+tt.value, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(given(t, tt.option, tt.value), environment(nil), config.ServeDefaults())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ listen, public, want string }{
		{"127.0.0.1:0", "", "http://127.0.0.1:8080"},
		{":0", "", "http://127.0.0.1:8080"},
		{"0.0.0.0:0", "", "http://127.0.0.1:8080"},
		{"[::]:0", "", "http://127.0.0.1:8080"},
		{"[::1]:0", "", "http://[::1]:8080"},
		{"tidings.example.com:0", "", "http://tidings.example.com:8080"},
		{":0", "https://Tidings.example.com/", "https://tidings.example.com"},
	} {
		flags := given(t, "listen", tt.listen)
		flags.PublicURL = &tt.public
		c, err := config.Load(flags, environment(nil), config.ServeDefaults())
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Address(8080); got != tt.want || c.Secure() != strings.HasPrefix(tt.want, "https") || c.Port() != 0 {
			t.Errorf("%+v: %s, secure %v, port %d", tt, got, c.Secure(), c.Port())
		}
	}
}

// A server with a certificate is reached by https, wherever it listens.
func TestAddressWithCertificate(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TIDINGS_TLS_CERT": "/cert.pem", "TIDINGS_TLS_KEY": "key.pem", "TIDINGS_LISTEN": ":8443"}
	c, err := config.Load(config.Flags{}, environment(env), config.ServeDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Address(8443); got != "https://127.0.0.1:8443" || !c.Secure() || !c.TLS() || !filepath.IsAbs(c.TLSKey) {
		t.Errorf("%s, secure %v, key %s", got, c.Secure(), c.TLSKey)
	}
	env["TIDINGS_PUBLIC_URL"] = "https://tidings.example.com"
	if c, err = config.Load(config.Flags{}, environment(env), config.ServeDefaults()); err != nil || c.Address(8443) != "https://tidings.example.com" {
		t.Errorf("%s, %v", c.Address(8443), err)
	}
	env["TIDINGS_PUBLIC_URL"] = "http://tidings.example.com"
	const want = "public-url (TIDINGS_PUBLIC_URL): begins with http://"
	if _, err = config.Load(config.Flags{}, environment(env), config.ServeDefaults()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q in it", err, want)
	}
}

func TestEveryMistakeIsTold(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TIDINGS_LISTEN": "x", "TIDINGS_PRESET": "y"}
	_, err := config.Load(config.Flags{}, environment(env), config.ServeDefaults())
	for _, want := range []string{"listen (TIDINGS_LISTEN)", "preset (TIDINGS_PRESET)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"unknown key", "listen: :1\nlisten_addr: :2\n", `line 2: unknown option "listen_addr"`},
		{"upper case", "Listen: :1\n", `unknown option "Listen"`},
		{"twice", "data: /a\ndata: /b\n", `line 2: "data" is there twice`},
		{"file within a file", "config: other.yaml\n", `"config" cannot be set in the file itself`},
		{"list", "listen: [a, b]\n", `line 1: "listen" needs one plain value`},
		{"nothing", "listen:\n", `"listen" needs one plain value`},
		{"not a mapping", "- listen\n", "must be a mapping"},
		{"two documents", "data: /a\n---\ndata: /b\n", "more than one document"},
		{"not YAML", "database: \"postgres://u:hunter2@h/d\n", "is not YAML"},
		{"bad value", "log-level: loud\n", `"loud" is none of`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := mustFile(t, tt.text)
			_, err := config.Load(given(t, "config", file), environment(nil), config.ServeDefaults())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("error %v, want the file's name and %q in it", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
}

func TestEmptyFileSaysNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# only a comment\n"} {
		if _, err := config.Load(given(t, "config", mustFile(t, text)), environment(nil), config.ServeDefaults()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestKeyFileOnPostgreSQL(t *testing.T) {
	t.Parallel()
	on := given(t, "database", "postgres://db.example.com/tidings")
	c, err := config.Load(on, environment(map[string]string{"TIDINGS_KEY_FILE": "/etc/tidings/key"}), config.ServeDefaults())
	if err != nil || c.MakeKey {
		t.Errorf("serve: MakeKey %v, error %v; want a key file that must exist", c.MakeKey, err)
	}
	c, err = config.Load(on, environment(nil), config.Defaults{Data: "/d", OpsListen: "off", LogLevel: "warn", MakeKey: true})
	if err != nil || !c.MakeKey || c.KeyFile != "/d/key" {
		t.Errorf("demo: %q, MakeKey %v, error %v; want /d/key, made when missing", c.KeyFile, c.MakeKey, err)
	}
}

func FuzzFile(f *testing.F) {
	f.Add("listen: :1\n")
	f.Add("data: &x /a\nkey-file: *x\n")
	f.Add("? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = config.Load(given(t, "config", mustFile(t, text)), environment(nil), config.ServeDefaults())
	})
}

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func mustFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tidings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Where files are kept follows the engine, and one that cannot be is refused.
func TestMedia(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TIDINGS_DATABASE": "postgres://db.example.com/tidings", "TIDINGS_KEY_FILE": "/key"}
	c, err := config.Load(config.Flags{}, environment(env), config.ServeDefaults())
	if err != nil || c.Media != config.MediaDatabase {
		t.Errorf("on PostgreSQL: %q, %v", c.Media, err)
	}
	env["TIDINGS_MEDIA"] = "disk"
	_, err = config.Load(config.Flags{}, environment(env), config.ServeDefaults())
	if want := "media (TIDINGS_MEDIA): disk is refused on PostgreSQL, where other nodes could not serve the files: say database or s3:https://HOST/BUCKET"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The standard file is read when it is there and no other is named, and says so.
func TestStandardFile(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "tidings.yaml")
	there := mustFile(t, "data: /srv/one\n")
	other := mustFile(t, "log-level: warn\n")
	for name, c := range map[string]struct {
		standard string
		env      map[string]string
		data     string // and where it comes from
		from     string
	}{
		"not there":     {missing, nil, "/standard", "default"},
		"there":         {there, nil, "/srv/one", there},
		"another named": {there, map[string]string{"TIDINGS_CONFIG": other}, "/standard", "default"},
		"none named":    {there, map[string]string{"TIDINGS_CONFIG": os.DevNull}, "/standard", "default"},
		"environment":   {there, map[string]string{"TIDINGS_DATA": "/srv/two"}, "/srv/two", "TIDINGS_DATA"},
	} {
		got, err := config.Load(config.Flags{}, environment(c.env), config.Defaults{Data: "/standard", OpsListen: "off", LogLevel: "info", File: c.standard})
		if err != nil || got.Data != c.data || got.From["data"] != c.from {
			t.Errorf("%s: data %s from %s, %v", name, got.Data, got.From["data"], err)
		}
	}
	broken := mustFile(t, "dta: /srv/one\n")
	if _, err := config.Load(config.Flags{}, environment(nil), config.Defaults{Data: "/standard", File: broken}); err == nil || !strings.Contains(err.Error(), `unknown option "dta"`) {
		t.Errorf("a standard file with a typo: %v", err)
	}
	if config.ServeDefaults().File != "/etc/tidings/tidings.yaml" || config.KeylessDefaults().File == "" || config.DemoDefaults().File != "" {
		t.Error("every command but the demo reads the standard file")
	}
}

// A password on the command line is refused, in whichever part of the address;
// elsewhere it is taken.
func TestPasswordsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://u:hunter2@db.example.com/x", "postgresql://:hunter2@db.example.com/x", "postgres://db.example.com/x?sslmode=disable&password=hunter2",
	} {
		_, err := config.Load(given(t, "database", address), environment(nil), config.DemoDefaults())
		if err == nil || !strings.Contains(err.Error(), "put it into ~/.pgpass") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
		c, err := config.Load(config.Flags{}, environment(map[string]string{"TIDINGS_DATABASE": address}), config.DemoDefaults())
		if err != nil || c.Database != address {
			t.Errorf("%s in the environment: %v", address, err)
		}
	}
	for _, address := range []string{"postgres://u@db.example.com/x", "postgres:///x?host=/run/postgresql&passfile=/run/pass"} {
		if _, err := config.Load(given(t, "database", address), environment(nil), config.DemoDefaults()); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// The file that deploy/ ships for the unit is one that is read.
func TestDeployedFile(t *testing.T) {
	t.Parallel()
	const path = "../../deploy/tidings.yaml"
	c, err := config.Load(config.Flags{}, environment(nil), config.Defaults{Data: "data", OpsListen: "off", LogLevel: "info", File: path})
	if err != nil || c.Data != "/var/lib/tidings" || c.From["data"] != path {
		t.Errorf("%+v, %v", c, err)
	}
}
