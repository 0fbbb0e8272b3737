package demo_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/config"
	"github.com/tidings-im/tidings/internal/demo"
	"github.com/tidings-im/tidings/internal/server"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func fresh() (bool, error) { return true, nil }

// live lives through what is left of a history; nil when there is none. What is changed
// in the options is up to the test.
func live(tb testing.TB, c config.Config, change func(kill func(), o *demo.Options)) (lived bool, err error) {
	tb.Helper()
	h, err := demo.OpenHistory(c.Data, time.Now(), fresh)
	if err != nil || h == nil {
		return false, err
	}
	st := mustStageAt(tb, c, h.Now)
	o := st.options()
	transport := &http.Transport{MaxIdleConnsPerHost: demo.AtOnce}
	o.HTTP = &http.Client{Transport: transport}
	run, kill := context.WithCancel(context.Background())
	if change != nil {
		change(kill, &o)
	}
	err = h.Run(run, o)
	kill()
	transport.CloseIdleConnections()
	st.end()
	return true, err
}

// killedSend ends a history right after the nth send, before its answer arrives.
type killedSend struct {
	http.RoundTripper
	left atomic.Int64
	kill func()
}

func (k *killedSend) RoundTrip(r *http.Request) (*http.Response, error) {
	w, err := k.RoundTripper.RoundTrip(r)
	send := strings.HasSuffix(r.URL.Path, "/asyncsend_v2") || strings.HasSuffix(r.URL.Path, "/sendbytemplate") || strings.HasSuffix(r.URL.Path, "/v1/sends")
	if send && k.left.Add(-1) == 0 && err == nil {
		k.kill()
		_ = w.Body.Close()
		return nil, errKilled
	}
	return w, err
}

// pastTask is a notification as the console lists it.
type pastTask struct {
	ID     string    `json:"task_id"`
	Title  string    `json:"title"`
	State  string    `json:"state"`
	SentAt time.Time `json:"sent_at"`
	By     struct {
		Person *struct{} `json:"person"`
	} `json:"by"`
	Counts struct{ Named, Sent, Read, Held, Invalid int } `json:"counts"`
	Held   []struct{ Code string }                        `json:"held"`
}

// mustAsk asks the console's API.
func (s *stage) mustAsk(tb testing.TB, token, path string, answer any) {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, s.base+"/api/v1/"+path, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer w.Body.Close()
	if err := json.NewDecoder(w.Body).Decode(answer); err != nil || w.StatusCode != http.StatusOK {
		tb.Fatalf("%s: status %d, %v", path, w.StatusCode, err)
	}
}

// A history that is killed after a send, before its answer, goes on where it was. It is there once, with what a month brings about.
func TestHistory(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := settings(t, engine)
			began := time.Now()
			_, err := live(t, c, func(kill func(), o *demo.Options) {
				k := &killedSend{RoundTripper: o.HTTP.Transport, kill: kill}
				k.left.Store(40)
				o.HTTP = &http.Client{Transport: k}
			})
			if !errors.Is(err, errKilled) {
				t.Fatalf("a killed history: %v", err)
			}
			if lived, err := live(t, c, nil); err != nil || !lived {
				t.Fatalf("going on: %v, %v", lived, err)
			}
			s := mustStage(t, c)
			d := s.mustDemo(t)
			checkOutput(t, s.out.String(), d)
			for _, o := range d.Organizations {
				checkPast(t, s, o.Name, d.token("administrator", o.Name), began)
				id, err := s.server.Directory().ByCorpID(t.Context(), o.CorpID)
				if err != nil {
					t.Fatal(err)
				}
				rooms, err := server.Open(t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { panic(err) }, Now: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				if r, err := rooms.AuditLog.Verify(t.Context(), id.ID); err != nil || r.Wrong != 0 || r.Entries == 0 {
					t.Errorf("%s: the audit log: %+v, %v", o.Name, r, err)
				}
				if err := rooms.Close(); err != nil {
					t.Error(err)
				}
			}
			if strings.Count(s.out.String(), ", composer ") != 2 {
				t.Errorf("links for composers:\n%s", s.out.String())
			}
			if lived, err := live(t, c, nil); err != nil || lived {
				t.Errorf("a second history: %v, %v", lived, err)
			}
		})
	}
}

// token is that of the first person of an organization with a role.
func (d description) token(role, organization string) string {
	for _, o := range d.Organizations {
		for _, u := range o.Users {
			if o.Name == organization && len(u.Roles) > 0 && u.Roles[0] == role {
				return u.APIToken
			}
		}
	}
	return ""
}

func checkPast(t *testing.T, s *stage, name, token string, began time.Time) {
	t.Helper()
	var list struct{ Items []pastTask }
	s.mustAsk(t, token, "tasks?limit=100", &list)
	past := list.Items[8:] // those before the eight of today
	if len(past) < 40 || len(past) > 60 {
		t.Errorf("%s: a history of %d notifications", name, len(past))
	}
	if over := began.Sub(past[len(past)-1].SentAt); over < 25*24*time.Hour || over > 30*24*time.Hour {
		t.Errorf("%s: it begins %v ago", name, over)
	}
	reasons, recalled, hands, invalid := map[string]int{}, 0, 0, 0
	for _, p := range past {
		if p.Counts.Sent == 0 || p.SentAt.After(began) {
			t.Errorf("%s: sent twice, or not in the past: %+v", name, p)
		}
		if p.State == "recalled" {
			recalled++
		}
		if p.By.Person != nil {
			hands++
		}
		invalid += p.Counts.Invalid
		if p.Counts.Held > 0 {
			var one pastTask
			s.mustAsk(t, token, "tasks/"+p.ID, &one)
			for _, h := range one.Held {
				reasons[h.Code]++
			}
		}
	}
	if len(reasons) != 3 || recalled != 2 || hands < 5 || invalid != 1 {
		t.Errorf("%s: held back %v, recalled %d, by hand %d, unknown ids %d", name, reasons, recalled, hands, invalid)
	}
	checkReaders(t, s, name, token, past[len(past)-1])
}

// checkReaders compares the count of a notification to everyone with those who have read it.
func checkReaders(t *testing.T, s *stage, name, token string, p pastTask) {
	t.Helper()
	var one pastTask
	s.mustAsk(t, token, "tasks/"+p.ID, &one)
	var read, unread struct {
		Total int
		Items []struct {
			ReadAt *time.Time `json:"read_at"`
		}
	}
	s.mustAsk(t, token, "tasks/"+p.ID+"/recipients?limit=200&list=read", &read)
	s.mustAsk(t, token, "tasks/"+p.ID+"/recipients?limit=200&list=unread", &unread)
	n := one.Counts
	if n.Read != read.Total || n.Sent != read.Total+unread.Total || n.Sent != n.Named || read.Total*100 < n.Sent*80 || unread.Total == 0 {
		t.Errorf("%s: %+v, %d have read it, %d have not", name, n, read.Total, unread.Total)
	}
	times := map[time.Time]bool{}
	for _, r := range read.Items {
		if r.ReadAt == nil || !r.ReadAt.After(p.SentAt) || r.ReadAt.Sub(p.SentAt) > 7*24*time.Hour {
			t.Errorf("%s: read at %v, sent at %v", name, r.ReadAt, p.SentAt)
			continue
		}
		times[*r.ReadAt] = true
	}
	if len(times) < 5 {
		t.Errorf("%s: %d people read at %d times", name, read.Total, len(times))
	}
}

// What began without a history stays without one.
func TestNoHistory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Now()
	if h, err := demo.OpenHistory(dir, now, func() (bool, error) { return false, nil }); h != nil || err != nil {
		t.Errorf("where there is an installation: %v, %v", h, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "demo.json"), []byte(`{"organizations":{"yunfan":{}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := demo.OpenHistory(dir, now, fresh); h != nil || err != nil {
		t.Errorf("where there is a demo: %v, %v", h, err)
	}
	// Half of one, and then a start with the real clock: it cannot go on.
	c := settings(t, "sqlite")
	if h, err := demo.OpenHistory(c.Data, now, fresh); h == nil || err != nil || now.Sub(h.Now()) < 25*24*time.Hour {
		t.Fatalf("a new one: %v, %v", h, err)
	}
	s := mustStage(t, c)
	s.mustDemo(t)
	s.end()
	if h, err := demo.OpenHistory(c.Data, now, fresh); h != nil || err != nil {
		t.Errorf("after the real clock: %v, %v", h, err)
	}
}
