package server

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// NewLogger writes lines of the given level and above to w, as "text" or
// "json". Credentials never pass: attributes whose name says that they are one
// are blanked, and so are those inside URLs and other texts.
func NewLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redact}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

const redacted = "[redacted]"

// secretNames are parts of attribute names that announce a credential.
var secretNames = []string{"token", "secret", "password", "authorization", "cookie", "ticket"}

// secretTexts finds credentials inside texts: parameters of URLs and forms,
// members of JSON, bearer headers, and the passwords of database addresses.
var secretTexts = regexp.MustCompile(
	`(?i)((?:access_?token|app_?secret|corp_?secret|client_?secret|suite_?secret|suite_?ticket|signature|api_?token|password)"?\s*[=:]\s*"?)[^&\s"',;}]+` +
		`|(td[pls]_[0-9]+_[a-z2-7]+_)[a-z2-7]+` + // people's tokens, sign-in links and sessions
		`|(bearer\s+)[^\s"',;]+` +
		`|(://[^/\s:@]*:)[^@\s]+(@)`)

func redact(_ []string, a slog.Attr) slog.Attr {
	name := strings.ToLower(a.Key)
	for _, part := range secretNames {
		if strings.Contains(name, part) && a.Value.Kind() != slog.KindInt64 {
			return slog.String(a.Key, redacted)
		}
	}
	switch a.Value.Kind() {
	case slog.KindString:
		return slog.String(a.Key, scrub(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, scrub(err.Error()))
		}
	}
	return a
}

func scrub(text string) string {
	return secretTexts.ReplaceAllString(text, "${1}${2}${3}${4}"+redacted+"${5}")
}
