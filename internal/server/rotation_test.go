package server_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// sender sends again and again, and takes another token when it is told to, as
// the programs of apps do.
type sender struct {
	node   *node
	firm   firm
	sent   atomic.Int64
	tokens atomic.Int64 // how many it took
}

// run sends until ctx ends. Nothing but an ended token may be in its way.
func (s *sender) run(ctx context.Context, t *testing.T) {
	token := ""
	for ctx.Err() == nil && !t.Failed() {
		if token == "" {
			token = s.node.mustLogin(s.firm)
			s.tokens.Add(1)
		}
		var answer struct {
			Code int    `json:"errcode"`
			Text string `json:"errmsg"`
		}
		s.node.mustCall(token, "asyncsend_v2", map[string]any{
			"agent_id": s.firm.agent, "to_all_user": true,
			"msg": map[string]any{"msgtype": "text", "text": map[string]any{"content": fmt.Sprint("number ", s.sent.Load())}},
		}, &answer)
		switch {
		case answer.Code == 0:
			s.sent.Add(1)
		case answer.Code == 88 && strings.Contains(answer.Text, "subcode=40014,"):
			token = ""
		default:
			t.Errorf("a send was answered %d: %s", answer.Code, answer.Text)
		}
	}
}

// mustGoOn waits until every sender has sent more.
func mustGoOn(t *testing.T, senders []*sender) {
	t.Helper()
	for _, s := range senders {
		before := s.sent.Load()
		until(t, "sends go on", func() bool { return s.sent.Load() > before+3 || t.Failed() })
	}
}

func mustCopy(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The master key is replaced while nodes serve: no send is refused but for tokens
// that the operator ends, which apps replace by themselves. No node is restarted.
func TestTheMasterKeyIsReplacedWhileNodesServe(t *testing.T) {
	t.Parallel()
	for engine, nodes := range map[string]int{"sqlite": 1, "postgres": 2} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			c := settings(t, engine)
			first := c.KeyFile
			var all []*node
			var files []string
			for i := range nodes {
				if i > 0 {
					c.Data, c.KeyFile = t.TempDir(), filepath.Join(t.TempDir(), "key")
					mustCopy(t, first, c.KeyFile)
				}
				all, files = append(all, mustRun(t, c, nil)), append(files, c.KeyFile)
			}
			c.KeyFile = first
			before := filepath.Join(t.TempDir(), "key")
			mustCopy(t, first, before)

			senders, working := []*sender{}, sync.WaitGroup{}
			sending, stop := context.WithCancel(ctx)
			defer working.Wait()
			defer stop()
			for i, n := range all {
				s := &sender{node: n, firm: all[0].mustFirm(fmt.Sprint("Firm ", i), "ann")}
				senders = append(senders, s)
				working.Go(func() { s.run(sending, t) })
			}
			mustGoOn(t, senders)

			rooms, err := server.Open(ctx, c, options(nil))
			if err != nil {
				t.Fatal(err)
			}
			defer rooms.Close()
			step := func(what string, do func() error) {
				t.Helper()
				if err := do(); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				mustGoOn(t, senders)
			}
			by := audit.ByOperator()
			step("add", func() error { _, err := rooms.Keys.Add(ctx, by); return err })
			if nodes > 1 {
				_, err := rooms.Keys.Switch(ctx, by, 0)
				if err == nil || !strings.Contains(err.Error(), "is not held by") {
					t.Fatalf("before every node has the file: %v", err)
				}
				mustGoOn(t, senders)
			}
			for _, file := range files[1:] {
				mustCopy(t, first, file)
			}
			step("switch", func() error { _, err := rooms.Keys.Switch(ctx, by, aHang); return err })
			for _, s := range senders {
				if s.tokens.Load() != 1 {
					t.Error("tokens of before did not go on")
				}
			}
			step("drop", func() error {
				done, err := rooms.Keys.Drop(ctx, by, true)
				if err == nil && done.EndedTokens < nodes {
					err = fmt.Errorf("only %d tokens were ended", done.EndedTokens)
				}
				return err
			})
			for _, s := range senders {
				until(t, "another token is taken", func() bool { return s.tokens.Load() == 2 || t.Failed() })
			}
			mustGoOn(t, senders)
			for _, n := range all {
				w, err := http.Get(n.base + "/readyz")
				if err != nil || w.Body.Close() != nil || w.StatusCode != http.StatusOK {
					t.Errorf("readyz: %v, %v", w, err)
				}
			}
			keys, known, err := rooms.Keys.List(ctx)
			if err != nil || len(known) != nodes || len(keys) != 2 || keys[0].Phase != "dropped" {
				t.Errorf("keys %+v, nodes %+v, %v", keys, known, err)
			}

			// A node with the file of before does not start, and says nothing of itself.
			c.KeyFile, c.Data = before, t.TempDir()
			if engine == "sqlite" {
				return // its directory is in use
			}
			if _, err := server.New(ctx, c, options(nil)); err == nil || !strings.Contains(err.Error(), "master key 2, which is not in the key file") {
				t.Errorf("started, or refused with %v", err)
			}
			if _, known, err := rooms.Keys.List(ctx); err != nil || len(known) != nodes {
				t.Errorf("nodes %+v, %v", known, err)
			}
		})
	}
}

// A node that finds itself without the key in use says that it is not ready, and
// is again when it has the file.
func TestANodeWithoutTheKeyIsNotReady(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := settings(t, "postgres")
	n := mustRun(t, c, nil)
	lost := c
	lost.Data, lost.KeyFile = t.TempDir(), filepath.Join(t.TempDir(), "key")
	mustCopy(t, c.KeyFile, lost.KeyFile)
	rooms, err := server.Open(ctx, lost, options(nil))
	if err != nil {
		t.Fatal(err)
	}
	defer rooms.Close()
	by := audit.ByOperator()
	if _, err := rooms.Keys.Add(ctx, by); err != nil {
		t.Fatal(err)
	}
	// As if it had been paused for more than a minute.
	n.mustBeSilent(t, c.Database)
	until(t, "the key is in use", func() bool {
		n.mustBeSilent(t, c.Database)
		_, err := rooms.Keys.Switch(ctx, by, 0)
		return err == nil
	})
	ready := func(want int) func() bool {
		return func() bool {
			w, err := http.Get(n.base + "/readyz")
			return err == nil && w.Body.Close() == nil && w.StatusCode == want
		}
	}
	until(t, "it is not ready", ready(http.StatusServiceUnavailable))
	mustCopy(t, lost.KeyFile, c.KeyFile)
	until(t, "it is ready", ready(http.StatusOK))
}

// mustBeSilent makes it look as if nobody had heard of any node for long.
func (n *node) mustBeSilent(t *testing.T, database string) {
	t.Helper()
	_, db := storetest.Raw(t, database)
	if _, err := db.Exec(`UPDATE node SET seen_at = seen_at - 61000`); err != nil {
		t.Fatal(err)
	}
}
