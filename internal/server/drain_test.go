package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/server"
)

// answerAfter sends a whole request, and only then reads the answer, as most
// clients do.
func (n *node) answerAfter(t *testing.T, head string, body io.Reader) (status int, answer string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(n.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, head+"\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(c, body); err != nil {
		t.Fatalf("%s: the connection is closed while the request is sent: %v", head, err)
	}
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%s: no answer: %v", head, err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("%s: half an answer: %v", head, err)
	}
	return r.StatusCode, string(text)
}

// Whatever is too large, a client that sends all of it before it reads finds an
// answer that names the limit.
func TestBodiesThatAreTooLargeAreAnswered(t *testing.T) {
	t.Parallel()
	n := mustRun(t, settings(t, "sqlite"), nil)
	f := n.mustFirm("Firm", "ann")
	token := n.mustLogin(f)
	own := "Authorization: Bearer " + f.tokens["ann"] + "\r\nContent-Type: application/json\r\n"
	users := `{"agent_id":1,"userid_list":"` + strings.Repeat("user1234567,", 1_000_000) + `"}`
	page := `{"message_ids":["` + strings.Repeat("x", 1<<20) + `"]}`
	form := "--b\r\nContent-Disposition: form-data; name=\"media\"; filename=\"a.png\"\r\n\r\n" + strings.Repeat("x", 24<<20) + "\r\n--b--\r\n"
	const isForm = "Content-Type: multipart/form-data; boundary=b\r\n"
	for _, c := range []struct {
		target, header, body string
		status               int
		says                 string
	}{
		{"/topapi/message/corpconversation/asyncsend_v2?access_token=" + token, "", users, 413, `"errcode":41101`},
		{"/topapi/message/corpconversation/asyncsend_v2?access_token=x", "", users, 200, "40014"},
		{"/topapi/message/corpconversation/asyncsend_v2", "", users, 413, "2097152"},
		{"/topapi/message/corpconversation/recall?access_token=" + token, "", users, 413, "65536"},
		{"/media/upload?type=image&access_token=" + token, isForm, form, 413, "40006"},
		{"/media/upload?type=image&access_token=x", isForm, form, 200, "40014"},
		{"/v1.0/oauth2/accessToken", "", users, 413, "65536"},
		{"/topapi/none", "", users, 200, `"errcode":22`},
		{"/api/v1/inbox/read", own, page, 413, "65536"},
		{"/api/v1/inbox/read", "", page, 401, "token_missing"},
		{"/api/v1/sessions", "Content-Type: application/json\r\n", page, 413, "65536"},
		{"/api/v1/none", own, page, 404, "route_unknown"},
		{"/readyz", "", page, 405, "not allowed"},
	} {
		for _, chunked := range []bool{false, true} {
			rest := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(c.body), c.body)
			if chunked {
				rest = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(c.body), c.body)
			}
			status, answer := n.answerAfter(t, "POST "+c.target+" HTTP/1.1", strings.NewReader(c.header+rest))
			if status != c.status || !strings.Contains(answer, c.says) {
				t.Errorf("%s, chunked %v: %d %.200s", c.target, chunked, status, answer)
			}
		}
	}
}

// What is read for the sake of a client has an end, in bytes and in time, and
// who waits to be asked for the body is not asked.
func TestDrainingEnds(t *testing.T) {
	t.Parallel()
	refusing := func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }
	const head = "POST /topapi/x HTTP/1.1\r\nHost: x\r\n"
	t.Run("bytes", func(t *testing.T) {
		t.Parallel()
		c := mustDial(t, refusing)
		go func() { _, _ = io.Copy(io.Discard, c) }()
		mustWrite(t, c, head+"Content-Length: 1000000000000\r\n\r\n")
		sent, piece := 0, make([]byte, 1<<20)
		for {
			n, err := c.Write(piece)
			if sent += n; err != nil {
				break
			}
		}
		if sent < server.DrainBytes || sent > server.DrainBytes+2<<20 {
			t.Errorf("%d bytes were read", sent)
		}
	})
	t.Run("time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := mustDial(t, refusing)
			begin := time.Now()
			mustWrite(t, c, head+"Content-Length: 1000000\r\n\r\nx")
			all, err := io.ReadAll(c)
			if took := time.Since(begin); err != nil || took > 11*time.Second || !strings.HasPrefix(string(all), "HTTP/1.1 403") {
				t.Errorf("%q, %v after %v", all, err, took)
			}
		})
	})
	t.Run("asked", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := mustDial(t, refusing)
			mustWrite(t, c, head+"Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
			all, err := io.ReadAll(c)
			if err != nil || !strings.HasPrefix(string(all), "HTTP/1.1 403") {
				t.Errorf("%q, %v", all, err)
			}
		})
	})
}
