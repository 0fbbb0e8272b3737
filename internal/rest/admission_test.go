package rest_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
	"github.com/tidings-im/tidings/internal/rest"
)

// slowInbox answers pages when it is told to.
type slowInbox struct {
	*house
	begun chan string
	goOn  chan struct{}
}

func (s slowInbox) Page(ctx context.Context, v inbox.Viewer, q inbox.Query) (inbox.Page, error) {
	s.begun <- q.Before
	<-s.goOn
	return s.house.Page(ctx, v, q)
}

// places is how many reads are worked on at once.
const places = 32

// crowd sends reads that take as long as the inbox says.
type crowd struct {
	handler http.Handler
	inbox   slowInbox
	answers chan *httptest.ResponseRecorder
}

func newCrowd() *crowd {
	s := slowInbox{newHouse(), make(chan string, 10_000), make(chan struct{})}
	return &crowd{
		inbox: s, answers: make(chan *httptest.ResponseRecorder, 10_000),
		handler: rest.Handler(rest.Deps{
			Accounts: s, Inbox: s, Media: s, Organizations: s, Live: s, Templates: shelf{s.house}, Apps: s, People: s, Tasks: sent{s.house}, Watch: rest.NewWatch(s), Log: s.logger(),
		}),
	}
}

func (c *crowd) read(ctx context.Context, name string) {
	go func() {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/inbox/messages?before="+name, nil)
		r.Header.Set("Authorization", "Bearer "+ours)
		c.handler.ServeHTTP(w, r)
		c.answers <- w
	}()
}

// Reads wait for each other in the order in which they come. One that would wait
// for longer than two seconds is told when to come again, and so is at once who
// comes when too many wait.
func TestReadsQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		for i := range places + 3 {
			c.read(t.Context(), fmt.Sprint(i))
			synctest.Wait()
		}
		for i := range places {
			if got := <-c.inbox.begun; got != fmt.Sprint(i) {
				t.Fatalf("read %s began as number %d", got, i)
			}
		}
		for i := places; i < places+2; i++ { // one ends, the next begins
			c.inbox.goOn <- struct{}{}
			if got := <-c.inbox.begun; got != fmt.Sprint(i) {
				t.Fatalf("read %s began as number %d", got, i)
			}
			if w := <-c.answers; w.Code != http.StatusOK {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
		begin := time.Now()
		w := <-c.answers
		p := problem(t, w)
		if w.Code != http.StatusServiceUnavailable || p.Code != fault.CodeBusy || w.Header().Get("Retry-After") != "2" || time.Since(begin) > 2*time.Second {
			t.Errorf("after %s: %d %v %+v", time.Since(begin), w.Code, w.Header(), p)
		}
		for range 1024 {
			c.read(t.Context(), "waits")
		}
		synctest.Wait()
		begin = time.Now()
		c.read(t.Context(), "toomany")
		if w := <-c.answers; w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "2" || time.Since(begin) > 0 {
			t.Errorf("too many: %d after %s", w.Code, time.Since(begin))
		}
		close(c.inbox.goOn)
		for range places + 1024 {
			if w := <-c.answers; w.Code != http.StatusOK {
				t.Fatalf("in the end: %d %s", w.Code, w.Body)
			}
		}
	})
}

// What does not read the database keeps nobody from reading: marking as read, a
// stream that has begun, an answer that its client receives slowly, and clients
// that have left.
func TestWhoHoldsNoPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd()
		leave, left := context.WithCancel(t.Context())
		for range 2 * places {
			r := httptest.NewRequestWithContext(leave, http.MethodGet, "/api/v1/inbox/events", nil)
			r.Header.Set("Authorization", "Bearer "+ours)
			go c.handler.ServeHTTP(httptest.NewRecorder(), r)
			r = httptest.NewRequestWithContext(leave, http.MethodGet, "/api/v1/inbox/unread", nil)
			r.Header.Set("Authorization", "Bearer "+ours)
			go c.handler.ServeHTTP(&stuck{ResponseRecorder: httptest.NewRecorder(), until: leave}, r)
		}
		synctest.Wait()
		for range places {
			c.read(t.Context(), "held")
		}
		synctest.Wait()
		if len(c.inbox.begun) != places {
			t.Fatalf("%d of %d reads began beside streams and slow clients", len(c.inbox.begun), places)
		}
		gone, leaves := context.WithCancel(t.Context())
		c.read(gone, "gone")
		synctest.Wait()
		leaves()
		<-c.answers
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/inbox/read", bytes.NewReader([]byte(`{"message_ids":["a"]}`)))
		r.Header.Set("Authorization", "Bearer "+ours)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		if w.Code != http.StatusNoContent {
			t.Errorf("marking as read: %d %s", w.Code, w.Body)
		}
		close(c.inbox.goOn)
		for range places {
			if w := <-c.answers; w.Code != http.StatusOK {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		}
		left()
		synctest.Wait()
	})
}

// stuck takes no bytes until its client leaves.
type stuck struct {
	*httptest.ResponseRecorder
	until context.Context
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.until.Done()
	return len(p), nil
}
