package server_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/server"
)

func TestLogKeepsSecretsOut(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := server.NewLogger(&out, slog.LevelDebug, format)
		log.Info("called", "access_token", "hunter2", "Authorization", "hunter2", "app_secret", "hunter2")
		log.Info("text", "url", "/x?access_token=hunter2&a=1", "form", "appsecret=hunter2", "json", `{"access_token":"hunter2"}`)
		log.Warn("error", "error", errors.New(`Get "http://h/gettoken?appkey=k&appsecret=hunter2": refused`))
		log.Warn("error", "error", errors.New("postgres://user:hunter2@db.example.com/x: refused"))
		log.Info("nested", slog.Group("request", "header", "Authorization: Bearer hunter2"))
		log.Info("values", "link", "/#sign-in=tdl_7_abcdefghijklmnop_hunter2hunter2", "body", `{"x":"tds_7_abcdefghijklmnop_hunter2"}`)
		log.Info("kept", "path", "/gettoken", "count", 7, "tokens", 3)
		if strings.Contains(out.String(), "hunter2") {
			t.Errorf("%s: a secret was logged:\n%s", format, out.String())
		}
		for _, want := range []string{"/gettoken", "7", "tdl_7_abcdefghijklmnop_", "appkey=k", "a=1", "db.example.com"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is missing:\n%s", format, want, out.String())
			}
		}
	}
}
