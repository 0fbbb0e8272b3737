package dingtalk_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

// Where the query says who is calling, somebody unknown is refused before the
// body is read, whatever is called.
func TestUnknownTokensAreRefusedBeforeTheBody(t *testing.T) {
	t.Parallel()
	h, _ := handler(newRooms())
	const large = 1 << 20
	for _, path := range dingtalk.Paths() {
		name := "access_token"
		if path == "/router/rest" {
			name = "session"
		}
		if !strings.HasPrefix(path, "/topapi/") && path != "/media/upload" && path != "/router/rest" && !byGet(path) {
			continue // takes no token
		}
		kind, body := multipartBody(t, part{"media", "a.png", strings.Repeat("x", large)})
		read := &reads{Reader: bytes.NewReader([]byte(body))}
		r := httptest.NewRequest(http.MethodPost, path+"?"+name+"=x", read)
		r.Header.Set("Content-Type", kind)
		w := newRecorder()
		h.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), "40014") || read.n > 0 {
			t.Errorf("%s: %s after %d bytes", path, w.Body, read.n)
		}
	}
}

// endless is a body of which the first bytes come, and then none until it is
// given up.
type endless struct {
	first io.Reader
	begun *atomic.Int64
	given chan struct{}
}

func (e *endless) Read(p []byte) (int, error) {
	if n, err := e.first.Read(p); err == nil {
		return n, nil
	}
	e.begun.Add(1)
	<-e.given
	return 0, io.ErrUnexpectedEOF
}

// Of large bodies whose sender is not known a few are read at a time. The next
// waits, and hears that the server is busy; who is known does not wait for any
// of them, nor do the small bodies by which tokens are asked for.
func TestFewBodiesOfStrangersAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, head string
		most       int
		encoding   string // a small body may become a large one
		length     int64
	}{
		"uploads": {"/media/upload", "--xyz\r\nContent-Disposition:form-data;name=\"media\";filename=\"a.png\"\r\n\r\nx", 4, "", -1},
		"sends":   {sendPath, `{"x":"`, 16, "", -1},
		"packed":  {sendPath, packed(t, goodSend)[:12], 16, "gzip", 60},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newRooms()
				h, _ := handler(f)
				begun, given := new(atomic.Int64), make(chan struct{})
				begin := time.Now()
				post := func() *httptest.ResponseRecorder {
					r := httptest.NewRequest(http.MethodPost, c.path, &endless{strings.NewReader(c.head), begun, given})
					r.ContentLength = c.length
					r.Header.Set("Content-Encoding", c.encoding)
					r.Header.Set("Content-Type", "multipart/form-data;boundary=xyz")
					w := newRecorder()
					h.ServeHTTP(w, r)
					return w
				}
				done := make(chan struct{}, c.most)
				for range c.most {
					go func() { post(); done <- struct{}{} }()
				}
				synctest.Wait()
				if w := post(); !strings.Contains(w.Body.String(), `"errcode":-1`) || time.Since(begin) > time.Minute {
					t.Errorf("one more: %s", w.Body)
				}
				if n := begun.Load(); n != int64(c.most) {
					t.Errorf("%d bodies were read at a time, want %d", n, c.most)
				}
				known := do(h, request{target: sendPath + "?access_token=" + goodToken, contentType: jsonType, body: goodSend})
				token := do(h, request{target: "/v1.0/oauth2/accessToken", contentType: jsonType, body: `{"appKey":"key-1","appSecret":"secret-1"}`})
				if known.Code != 200 || !strings.Contains(known.Body.String(), `"errcode":0`) || token.Code != 200 {
					t.Errorf("meanwhile a send: %s, a token: %s", known.Body, token.Body)
				}
				close(given)
				for range c.most {
					<-done
				}
				if w := post(); strings.Contains(w.Body.String(), `"errcode":-1`) {
					t.Errorf("afterwards: %s", w.Body)
				}
			})
		})
	}
}

// One organization has a bounded number of uploads under way.
func TestFewUploadsOfAnOrganizationAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, _ := handler(newRooms())
		begun, given := new(atomic.Int64), make(chan struct{})
		const head = "--xyz\r\nContent-Disposition:form-data;name=\"media\";filename=\"a.png\"\r\n\r\nx"
		post := func() string {
			r := httptest.NewRequest(http.MethodPost, "/media/upload?access_token="+goodToken, &endless{strings.NewReader(head), begun, given})
			r.Header.Set("Content-Type", "multipart/form-data;boundary=xyz")
			w := newRecorder()
			h.ServeHTTP(w, r)
			return w.Body.String()
		}
		const most = 32
		done := make(chan string, most)
		for range most {
			go func() { done <- post() }()
		}
		synctest.Wait()
		if answer := post(); !strings.Contains(answer, `"errcode":-1`) || begun.Load() != most {
			t.Errorf("one more: %s, %d were read", answer, begun.Load())
		}
		close(given)
		for range most {
			if answer := <-done; strings.Contains(answer, `"errcode":-1`) {
				t.Errorf("one of the first: %s", answer)
			}
		}
		if answer := post(); strings.Contains(answer, `"errcode":-1`) {
			t.Errorf("afterwards: %s", answer)
		}
	})
}
