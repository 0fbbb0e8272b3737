package server_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	servers "github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// following are servers, and a command beside them.
type following struct {
	t     *testing.T
	rooms *server.Rooms // of the command
	nodes []*node
	firm  firm
}

func newFollowing(t *testing.T, engine string, people ...string) *following {
	t.Helper()
	c := settings(t, engine)
	c.Hints = false // which would only make it sooner
	f := &following{t: t, nodes: []*node{mustRun(t, c, nil)}}
	f.firm = f.nodes[0].mustFirm("Firm", people...)
	var err error
	f.rooms, err = server.Open(context.Background(), c, options(nil))
	must(t, err)
	t.Cleanup(func() { must(t, f.rooms.Close()) })
	if engine == "postgres" {
		c.Data = t.TempDir()
		f.nodes = append(f.nodes, mustRun(t, c, nil))
	}
	return f
}

// await returns when all servers have followed what the command did.
func (f *following) await() {
	f.t.Helper()
	behind, gone, err := servers.Await(context.Background(), f.rooms.Nodes, aHang)
	if err != nil || len(behind)+len(gone) > 0 {
		f.t.Fatalf("behind %v, gone %v: %v", behind, gone, err)
	}
}

// mustAnswer has every server answer somebody with a status.
func (f *following) mustAnswer(userid string, want int) {
	f.t.Helper()
	for i, n := range f.nodes {
		if status := n.mustInbox(http.MethodGet, "unread", f.firm.tokens[userid], nil, nil); status != want {
			f.t.Errorf("server %d answers %s with %d, not %d", i, userid, status, want)
		}
	}
}

// When a command answers, no running server goes on as before. Servers look for
// themselves, too, so that one round proves little.
func TestCommandsAnswerWhenServersHaveFollowed(t *testing.T) {
	t.Parallel()
	people := []string{"ann", "ben", "cem", "dan", "eve", "fay"}
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, by := context.Background(), audit.ByOperator()
			f := newFollowing(t, engine, append(people, "last")...)
			token := f.nodes[0].mustLogin(f.firm)
			for i, userid := range people {
				if i%2 == 1 {
					f.await() // which shifts the rest against what servers do by themselves twice a second
				}
				var streams []*stream
				for _, n := range f.nodes {
					s := n.mustResume(t, f.firm.tokens[userid], "")
					s.mustSee(t, "unread")
					streams = append(streams, s)
				}
				person, err := f.rooms.Directory.User(ctx, f.firm.id, userid)
				must(t, err)
				tokens, err := f.rooms.Accounts.Tokens(ctx, f.firm.id, userid)
				must(t, err)
				f.mustAnswer(userid, http.StatusOK)
				must(t, f.rooms.Accounts.RevokeToken(ctx, by, f.firm.id, userid, tokens[0].ID))
				f.await()
				f.mustAnswer(userid, http.StatusUnauthorized)
				f.nodes[0].mustSend(f.firm, token, "after the end of "+userid)
				for i, s := range streams {
					rest, err := io.ReadAll(s.in)
					if err != nil || strings.Contains(string(rest), "after the end of") {
						t.Errorf("the stream of %s at server %d goes on, %v: %s", userid, i, err, rest)
					}
				}

				must(t, f.rooms.Eraser.Erase(ctx, by, f.firm.id, person.Ordinal))
				f.await()
				for i, n := range f.nodes {
					if now, _ := n.Directory().Userid(f.firm.id, person.Ordinal); now != directory.Tombstone(person.Ordinal) {
						t.Errorf("server %d calls %s %q", i, userid, now)
					}
				}
			}
			f.mustEndSending(token)
		})
	}
}

// mustEndSending disables the app, after which no server takes its token.
func (f *following) mustEndSending(token string) {
	f.t.Helper()
	ctx := context.Background()
	for _, n := range f.nodes {
		n.mustSend(f.firm, token, "known here")
	}
	apps, err := f.rooms.Apps.Apps(ctx, f.firm.id)
	must(f.t, err)
	must(f.t, f.rooms.Apps.DisableApp(ctx, audit.ByOperator(), f.firm.id, apps[0].App.ID))
	f.await()
	for i, n := range f.nodes {
		var answer struct {
			Code int `json:"errcode"`
		}
		n.mustCall(token, "asyncsend_v2", map[string]any{
			"agent_id": f.firm.agent, "userid_list": "last", "msg": map[string]any{"msgtype": "text", "text": map[string]any{"content": "x"}},
		}, &answer)
		if answer.Code != 88 { // whose sub_code is 40014
			f.t.Errorf("server %d lets a disabled app send: %d", i, answer.Code)
		}
	}
}

// A server that hangs is named; one that has stopped is not waited for, and neither
// is one that has said nothing for long.
func TestHangingServersAreNamed(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, c := context.Background(), settings(t, engine)
			n := mustRun(t, c, nil)
			rooms, err := server.Open(ctx, c, options(nil))
			must(t, err)
			t.Cleanup(func() { must(t, rooms.Close()) })
			_, raw := storetest.Raw(t, c.Database)
			exec := func(statement string, args ...any) {
				t.Helper()
				_, err := raw.Exec(statement, args...)
				must(t, err)
			}
			exec(`INSERT INTO node (id, name, keys, started_at, seen_at) VALUES (1, 'hangs', '{}', 0, $1)`, time.Now().UnixMilli())
			behind, gone, err := servers.Await(ctx, rooms.Nodes, 2*time.Second)
			if err != nil || len(behind) != 1 || behind[0].Name != "hangs" || len(gone) > 0 {
				t.Errorf("behind %v, gone %v: %v", behind, gone, err)
			}
			exec(`UPDATE node SET seen_at = $1 WHERE id = 1`, time.Now().Add(-servers.Silence).UnixMilli())
			must(t, n.mustEnd())
			behind, gone, err = servers.Await(ctx, rooms.Nodes, aHang)
			if err != nil || len(behind) > 0 || len(gone) != 1 || gone[0].Silent < servers.Silence {
				t.Errorf("behind %v, gone %v: %v", behind, gone, err)
			}
		})
	}
}
