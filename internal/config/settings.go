package config

import (
	"fmt"
	"net/url"
	"path"
	"strings"
)

// Setting is one option with the value in force and where that comes from.
type Setting struct {
	Option string `json:"option"`
	Value  string `json:"value"`
	From   string `json:"from"` // the flag, the variable, the file, or "default"
}

// Settings lists what is in force, in the order of the documentation. The
// password of a database is left out.
func (c Config) Settings() []Setting {
	var all []Setting
	for _, o := range Options() {
		if from, ok := c.From[o.Name]; ok {
			all = append(all, Setting{Option: o.Name, Value: c.value(o.Name), From: from})
		}
	}
	return all
}

func (c Config) value(option string) string {
	switch option {
	case "config":
		return c.File
	case "data":
		return c.Data
	case "database":
		return withoutPassword(c.Database)
	case "key-file":
		return c.KeyFile
	case "preset":
		return c.Preset
	case "public-url":
		return c.PublicURL
	case "listen":
		return c.Listen
	case "tls-cert":
		return c.TLSCert
	case "tls-key":
		return c.TLSKey
	case "ops-listen":
		return orOff(c.OpsListen != "", c.OpsListen)
	case "media":
		if c.Media == MediaS3 {
			scheme := "https"
			if c.Bucket.Insecure {
				scheme = "http"
			}
			return MediaS3 + ":" + (&url.URL{Scheme: scheme, Host: c.Bucket.Endpoint, Path: path.Join("/", c.Bucket.Bucket, c.Bucket.Prefix)}).String()
		}
		return c.Media
	case "hints":
		return orOff(c.Hints, "on")
	case "trusted-proxies":
		return list(c.TrustedProxies)
	case "proxy-header":
		return c.ProxyHeader
	case "outbound-allow":
		return c.OutboundAllow.String()
	case "log-level":
		return strings.ToLower(c.LogLevel.String())
	case "log-format":
		return c.LogFormat
	}
	return ""
}

func list[T fmt.Stringer](all []T) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, one.String())
	}
	return strings.Join(texts, ",")
}

func orOff(on bool, value string) string {
	if on {
		return value
	}
	return "off"
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil || strings.HasPrefix(address, "sqlite:") {
		return address
	}
	if _, secret := u.User.Password(); secret {
		u.User = url.UserPassword(u.User.Username(), "redacted")
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "redacted")
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// HasPassword reports whether the database's address holds one.
func (c Config) HasPassword() bool {
	u, err := url.Parse(c.Database)
	return err == nil && holdsPassword(u)
}

// Where is where the database is, in words without a secret.
func (c Config) Where() string {
	if path, onSQLite := c.SQLite(); onSQLite {
		return path
	}
	return withoutPassword(c.Database)
}
