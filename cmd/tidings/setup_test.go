package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A terminal shows the link itself, which works, and the log does not.
func TestSetupLinkOnATerminal(t *testing.T) {
	t.Parallel()
	screen, tty := mustTerminal(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- realMain(&environment{
			ctx: ctx, lookup: func(string) (string, bool) { return "", false }, in: strings.NewReader(""), out: tty, err: &log,
			args: []string{"serve", "--listen", "127.0.0.1:0", "--ops-listen", "off", "--data", t.TempDir(), "--config", os.DevNull},
		})
	}()
	address := regexp.MustCompile(`(http://127\.0\.0\.1:[0-9]+)/setup#(tdi_[a-z2-7]+)`)
	var found []string
	for found == nil {
		line, err := screen.ReadString('\n')
		if err != nil {
			t.Fatalf("the terminal shows no link: %v", err)
		}
		found = address.FindStringSubmatch(line)
	}
	w, err := http.Post(found[1]+"/api/v1/setup/describe", "application/json", strings.NewReader(fmt.Sprintf(`{"token":%q}`, found[2])))
	if err != nil {
		t.Fatal(err)
	}
	if _ = w.Body.Close(); w.StatusCode != http.StatusOK {
		t.Errorf("the link: %s", w.Status)
	}
	cancel()
	if code := <-ended; code != exitDone {
		t.Errorf("exit code %d", code)
	}
	if strings.Contains(log.String(), "tdi_") {
		t.Errorf("the log has the link:\n%s", &log)
	}
}
