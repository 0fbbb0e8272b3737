package bench_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/policy"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// BenchmarkHTTP sends to one person each over 64 kept connections. The driver
// is net/http's client in the same process, the same for all:
//
//	tidings/…      the whole server: token, limits, message, audience, commit
//	bare/append    decodes the same JSON and appends it to a file, durable in groups
//	bare/insert    decodes the same JSON and inserts a task row and an inbox
//	               row, durable in groups, with the store's SQLite driver
func BenchmarkHTTP(b *testing.B) {
	for _, engine := range storetest.BothEngines() {
		b.Run("tidings/"+engine, func(b *testing.B) {
			base, query, agent := mustServe(b, storetest.Address(b, engine))
			drive(b, agent, base+sendPath+query)
		})
	}
	b.Run("bare/append", func(b *testing.B) {
		file, err := os.Create(filepath.Join(b.TempDir(), "log"))
		must(b, err)
		b.Cleanup(func() { must(b, file.Close()) })
		drive(b, 1, mustBare(b, func(bodies [][]byte) error {
			for _, body := range bodies {
				if _, err := file.Write(body); err != nil {
					return err
				}
			}
			return file.Sync()
		}))
	})
	b.Run("bare/insert", func(b *testing.B) {
		db := mustBareSQLite(b)
		drive(b, 1, mustBare(b, func(bodies [][]byte) error { return insertBare(db, bodies) }))
	})
}

const sendPath = "/topapi/message/corpconversation/asyncsend_v2?access_token="

// drive posts b.N messages over 64 connections, to each of the urls in turn.
func drive(b *testing.B, agent int64, urls ...string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders, MaxConnsPerHost: max(1, senders/len(urls))}}
	b.Cleanup(client.CloseIdleConnections)
	var number atomic.Int64
	b.SetParallelism(senders / 2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := number.Add(1)
			body := fmt.Sprintf(`{"agent_id":%d,"userid_list":"%s","msg":{"msgtype":"text","text":{"content":"Message number %d of the benchmark"}}}`,
				agent, userid(int(n)%10_000), n)
			if err := post(client, urls[n%int64(len(urls))], body); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
}

func post(client *http.Client, url, body string) error {
	resp, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && !strings.Contains(string(answer), `"errcode":0`) {
		err = fmt.Errorf("answer: %s", answer)
	}
	return err
}

// mustServe runs a server with an organization of 10,000 and returns where it
// is, a token, and the app's agent.
func mustServe(b *testing.B, address string) (base, token string, agent int64) {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	dir := b.TempDir()
	s, err := server.New(ctx, config.Config{
		Listen: "127.0.0.1:0", Data: dir, Database: address, KeyFile: filepath.Join(dir, "key"), MakeKey: true, Media: config.MediaDatabase, Preset: policy.Standard,
	}, server.Options{Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { panic(err) }, Now: time.Now})
	must(b, err)
	must(b, s.Start(ctx))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.Cleanup(func() { cancel(); must(b, <-done) })

	org, err := s.Directory().CreateOrganization(ctx, audit.ByOperator(), directory.NewOrganization{Name: "Bench"})
	must(b, err)
	_, err = s.Directory().Import(ctx, audit.ByOperator(), org.ID, newCSV(10_000), directory.ImportOptions{})
	must(b, err)
	a, installed, secret, err := s.Apps().CreateInternal(ctx, audit.ByOperator(), org.ID, app.NewApp{Name: "Bench"})
	must(b, err)
	t, err := s.Apps().TokenByKey(ctx, a.Key, secret)
	must(b, err)
	return fmt.Sprintf("http://127.0.0.1:%d", s.Port()), t.Value, installed.ID
}

// mustBare serves the least that can be called durable: decode, hand over to
// one goroutine that writes groups, answer.
func mustBare(b *testing.B, write func([][]byte) error) string {
	b.Helper()
	type job struct {
		body []byte
		done chan error
	}
	jobs := make(chan job, senders)
	go func() {
		for first := range jobs {
			group := []job{first}
			for more := true; more && len(group) < senders; {
				select {
				case j, open := <-jobs:
					if more = open; open {
						group = append(group, j)
					}
				default:
					more = false
				}
			}
			bodies := make([][]byte, len(group))
			for i, j := range group {
				bodies[i] = j.body
			}
			err := write(bodies)
			for _, j := range group {
				j.done <- err
			}
		}
	}()
	var task atomic.Int64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request struct {
			AgentID    int64           `json:"agent_id"`
			UseridList string          `json:"userid_list"`
			Msg        json.RawMessage `json:"msg"`
		}
		if err == nil {
			err = json.Unmarshal(body, &request)
		}
		if err == nil {
			j := job{body, make(chan error, 1)}
			jobs <- j
			err = <-j.done
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","task_id":%d,"request_id":"4jzllmte0wau"}`, task.Add(1))
	})}
	go func() { _ = s.Serve(listener) }()
	b.Cleanup(func() { must(b, s.Close()); close(jobs) })
	return "http://" + listener.Addr().String()
}

func mustBareSQLite(b *testing.B) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bare.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	must(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { must(b, db.Close()) })
	for _, q := range []string{
		`CREATE TABLE task (id INTEGER PRIMARY KEY, body BLOB NOT NULL)`,
		`CREATE TABLE inbox (user_id TEXT NOT NULL, task_id BIGINT NOT NULL, PRIMARY KEY (user_id, task_id)) WITHOUT ROWID`,
	} {
		_, err := db.ExecContext(context.Background(), q)
		must(b, err)
	}
	return db
}

func insertBare(db *sql.DB, bodies [][]byte) error {
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	task, err := tx.PrepareContext(ctx, `INSERT INTO task (body) VALUES ($1)`)
	if err != nil {
		return err
	}
	defer task.Close()
	inbox, err := tx.PrepareContext(ctx, `INSERT INTO inbox (user_id, task_id) VALUES ($1, $2)`)
	if err != nil {
		return err
	}
	defer inbox.Close()
	for _, body := range bodies {
		r, err := task.ExecContext(ctx, body)
		if err != nil {
			return err
		}
		id, err := r.LastInsertId()
		if err != nil {
			return err
		}
		if _, err := inbox.ExecContext(ctx, userid(int(id)%10_000), id); err != nil {
			return err
		}
	}
	return tx.Commit()
}
