package config

import (
	"reflect"
	"strings"
)

// Place holds the options that say where everything is kept. A nil field was
// not given on the command line.
type Place struct {
	Config   *string `name:"config" placeholder:"FILE" standard:"/etc/tidings/tidings.yaml if it is there" help:"YAML file with options; each key is named like its flag. Every command but demo reads the default file."`
	Data     *string `name:"data" placeholder:"DIR" standard:"data" help:"Directory of everything kept on disk. A new installation makes it, with mode 0700."`
	Database *string `name:"database" placeholder:"ADDRESS" standard:"sqlite:DIR/tidings.db" help:"sqlite:PATH, or postgres://… for a PostgreSQL server."`
}

// Storage holds the options of every command that works with what is stored.
type Storage struct {
	Place   `embed:""`
	KeyFile *string `name:"key-file" placeholder:"FILE" standard:"DIR/key" help:"File of the master keys. On SQLite the first start makes it. On PostgreSQL make it first (tidings admin key create FILE) and name it: every node needs a copy."`
	Preset  *string `name:"preset" placeholder:"NAME" standard:"standard" help:"Limits of organizations created from now on: standard, or dingtalk, which has the documented limits of the hosted service. Existing organizations keep theirs."`
	// It stands in links that administration makes, and in a server's cookies.
	PublicURL *string `name:"public-url" placeholder:"URL" standard:"http:// and the address of --listen; https:// with --tls-cert" help:"Where people reach the server: http or https, a host and perhaps a port, nothing after it. Sign-in links and the redirect URIs of sign-in sources begin with it; with https, cookies are sent over https only."`
	// Administration calls an address, too, before it stores it.
	OutboundAllow *string `name:"outbound-allow" placeholder:"NETWORK,HOST,…" standard:"none" help:"Networks, addresses and names of hosts outside of the Internet that the server may call when an app, a sign-in source or a person names them, such as 10.1.0.0/16,hooks.example.com. What the operator names on the command line may be private or on this machine without it."`
}

// Server holds the options of a running server.
type Server struct {
	Listen    *string `name:"listen" placeholder:"HOST:PORT" standard:"127.0.0.1:8080" help:"Address to serve on; port 0 picks a free one, no host means all addresses."`
	TLSCert   *string `name:"tls-cert" placeholder:"FILE" standard:"none" help:"PEM file of the certificate with which the server speaks https, followed by those that lead to its authority. The server reads it and the key anew when they change."`
	TLSKey    *string `name:"tls-key" placeholder:"FILE" standard:"none" help:"PEM file of the key that belongs to --tls-cert."`
	OpsListen *string `name:"ops-listen" placeholder:"HOST:PORT" standard:"127.0.0.1:8081" help:"Address of /metrics and /debug/pprof, or off. When another program has the default address, the server runs without them."`
	Media     *string `name:"media" placeholder:"WHERE" standard:"disk on SQLite, database on PostgreSQL" help:"Where uploaded files are kept: disk (below DIR, on SQLite only), database, or s3:https://HOST/BUCKET/PREFIX?region=REGION&path-style=true, whose last three parts may be left out."`
	Hints     *string `name:"hints" placeholder:"SWITCH" standard:"on" help:"on or off: whether nodes on PostgreSQL tell each other by NOTIFY what is new. With off, for a connection pooler that does not pass on LISTEN, each node looks for it in the database, up to a second later."`
	// Without these an address counts as the one that connects.
	TrustedProxies *string `name:"trusted-proxies" placeholder:"ADDRESS,…" standard:"none" help:"Addresses or networks of the proxies in front, such as 10.0.0.7,10.1.0.0/16. The server believes only them about the address of the client, by which it counts failed attempts to sign in."`
	ProxyHeader    *string `name:"proxy-header" placeholder:"NAME" standard:"X-Forwarded-For" help:"Header in which trusted proxies name the address of the client: one address, or a list at whose end each proxy adds one."`
	LogLevel       *string `name:"log-level" placeholder:"LEVEL" standard:"info" help:"debug (adds a line for every request), info, warn or error."`
	LogFormat      *string `name:"log-format" placeholder:"FORMAT" standard:"text" help:"text or json."`
}

// Flags are all options, as a command line gives them. Commands embed Flags,
// or Storage alone when they serve nothing.
type Flags struct {
	Storage
	Server
}

// Option describes one option.
type Option struct {
	Name        string // the flag without its dashes, and the key in the file
	Env         string // the variable of the environment
	Placeholder string
	Default     string // in words where it depends on another option
	Help        string // one sentence or more
}

// Options lists every option in the order of the documentation.
func Options() []Option {
	var all []Option
	eachField(reflect.ValueOf(Flags{}), func(tag reflect.StructTag, _ *string) {
		name := tag.Get("name")
		all = append(all, Option{
			Name: name, Env: envName(name), Placeholder: tag.Get("placeholder"),
			Default: tag.Get("standard"), Help: tag.Get("help"),
		})
	})
	return all
}

// given returns what the command line said, by option.
func (f Flags) given() map[string]string {
	said := map[string]string{}
	eachField(reflect.ValueOf(f), func(tag reflect.StructTag, value *string) {
		if value != nil {
			said[tag.Get("name")] = *value
		}
	})
	return said
}

func envName(option string) string {
	return "TIDINGS_" + strings.ToUpper(strings.ReplaceAll(option, "-", "_"))
}

func eachField(v reflect.Value, visit func(reflect.StructTag, *string)) {
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.Anonymous {
			eachField(v.Field(i), visit)
		} else if text, ok := v.Field(i).Interface().(*string); ok {
			visit(field.Tag, text)
		}
	}
}
