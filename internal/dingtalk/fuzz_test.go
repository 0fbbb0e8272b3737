package dingtalk_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/dingtalk"
)

// FuzzDecode sends any body to any route: a complete answer, no failure of our
// own, and nothing accepted that encoding/json would not call JSON.
func FuzzDecode(f *testing.F) {
	for i, v := range append(append([]string{}, goodValues...), badValues...) {
		if len(v) < 1000 {
			for _, body := range bodies(v) {
				f.Add(uint8(i), "access_token="+goodToken, jsonType, []byte(body))
			}
		}
	}
	for _, r := range carried {
		_, query, _ := strings.Cut(r.target, "?")
		f.Add(uint8(3), query, r.contentType, []byte(r.body))
	}
	f.Fuzz(func(t *testing.T, route uint8, query, contentType string, body []byte) {
		rooms := newRooms()
		h, _ := handler(rooms)
		path := strings.Replace(dingtalk.Paths()[int(route)%len(dingtalk.Paths())], "{corpId}", "corp-1", 1)
		r := request{target: path, body: string(body)}.build()
		r.URL.RawQuery = query
		r.Header["Content-Type"] = []string{contentType}
		w := newRecorder()
		h.ServeHTTP(w, r)
		if isModern(path) {
			if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			return
		}
		a := mustAnswer(t, w)
		if *a.Errcode == 500 {
			t.Fatalf("%s", w.Body)
		}
		trimmed := strings.TrimLeft(string(body), " \t\r\n")
		if *a.Errcode == 0 && strings.HasPrefix(trimmed, "{") && path != "/media/upload" && !json.Valid(body) {
			t.Fatalf("accepted %q", body)
		}
		for _, s := range rooms.sends {
			if slices.ContainsFunc(s.Audience.Userids, func(id string) bool { return id == "" || strings.TrimSpace(id) != id }) {
				t.Fatalf("userids %q", s.Audience.Userids)
			}
		}
	})
}

// FuzzList compares the list of a send with a plain reading of comma text.
func FuzzList(f *testing.F) {
	for _, v := range []string{"", "a", "a,b", " a , b ", ",,", "a,a", `["a","b"]`, `"a,b"`, `[1,"2"]`, `[`, `"`, "你,好", "a\u3000,b", "[1.0]", `["a,b"]`} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		rooms := newRooms()
		h, _ := handler(rooms)
		w := do(h, request{target: sendPath, contentType: formType, body: form("access_token", goodToken, "agent_id", "1", "msg", helloMsg, "userid_list", v)})
		a := mustAnswer(t, w)
		plain := strings.TrimSpace(v)
		if strings.HasPrefix(plain, "[") || strings.HasPrefix(plain, `"`) || *a.Errcode == 40035 {
			return
		}
		var want []string
		for entry := range strings.SplitSeq(v, ",") {
			if entry = strings.TrimSpace(entry); entry != "" && !slices.Contains(want, entry) {
				want = append(want, entry)
			}
		}
		if got := rooms.sends[0].Audience.Userids; !slices.Equal(got, want) {
			t.Fatalf("%q: got %q, want %q", v, got, want)
		}
	})
}

// FuzzNumber checks that what is taken for a whole number is one.
func FuzzNumber(f *testing.F) {
	for _, v := range []string{"0", "-0", "1", "123.0", "123L", "1.5", "1e3", "+1", "01", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1.", ".0", "L", "1.0L", "0x1", "1_0"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		rooms := newRooms()
		h, _ := handler(rooms)
		w := do(h, request{target: base + "recall", contentType: formType, body: form("access_token", goodToken, "agent_id", "1", "msg_task_id", v)})
		if a := mustAnswer(t, w); *a.Errcode != 0 {
			if n, err := strconv.ParseInt(v, 10, 64); err == nil && !strings.HasPrefix(v, "+") {
				t.Fatalf("%q is %d and was refused: %s", v, n, w.Body)
			}
			return
		}
		plain := strings.TrimSuffix(v, "L")
		if whole, zeros, ok := strings.Cut(plain, "."); ok {
			if strings.Trim(zeros, "0") != "" {
				t.Fatalf("%q was taken for a whole number", v)
			}
			plain = whole
		}
		if n, err := strconv.ParseInt(plain, 10, 64); err != nil || rooms.tasks[0][1] != n {
			t.Fatalf("%q became %d", v, rooms.tasks[0][1])
		}
	})
}
