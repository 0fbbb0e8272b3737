package main

import (
	"bytes"
	"net"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/config"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		host string
		want string
	}{
		{"127.0.0.1", "http://127.0.0.1:8080"},
		{"", "http://127.0.0.1:8080"},
		{"0.0.0.0", "http://127.0.0.1:8080"},
		{"::", "http://127.0.0.1:8080"},
		{"::1", "http://[::1]:8080"},
		{"tidings.example.com", "http://tidings.example.com:8080"},
	} {
		cfg := config.Config{Listen: net.JoinHostPort(tt.host, "0")}
		got := baseURL(cfg, 8080, false)
		if got != tt.want || onThisMachine(got) == strings.Contains(tt.want, "example") {
			t.Errorf("listening on %q: %s, want %s", tt.host, got, tt.want)
		}
	}
	if got := baseURL(config.Config{PublicURL: "https://tidings.example.com"}, 8080, true); got != "https://tidings.example.com" {
		t.Errorf("what the operator said: %s", got)
	}
	// For the neighbours it is an address of this machine, by number.
	host, _, err := net.SplitHostPort(strings.TrimPrefix(baseURL(config.Config{}, 8080, true), "http://"))
	if err != nil || net.ParseIP(host) == nil {
		t.Errorf("for the neighbours: %q, %v", host, err)
	}
}

func TestColoursOnTerminalsOnly(t *testing.T) {
	t.Parallel()
	term := func(string) (string, bool) { return "xterm", true }
	if colourful(&bytes.Buffer{}, term) {
		t.Error("a buffer is no terminal")
	}
}
