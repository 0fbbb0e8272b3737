package dingtalk_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/notify"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

var resultRequest = request{target: base + "getsendresult?access_token=" + goodToken, contentType: jsonType, body: `{"agent_id":1,"task_id":2}`}

func TestResult(t *testing.T) {
	t.Parallel()
	empty := newRooms()
	h, _ := handler(empty)
	w := do(h, resultRequest)
	mustAnswer(t, w)
	if got, want := shape(w), `{"errcode":0,"errmsg":"ok","send_result":{"invalid_user_id_list":[],"forbidden_user_id_list":[],`+
		`"failed_user_id_list":[],"read_user_id_list":[],"unread_user_id_list":[],"invalid_dept_id_list":[],"forbidden_list":[]},"request_id":"R"}`; got != want {
		t.Errorf("got %s", got)
	}
	full := newRooms()
	full.result = notify.Result{
		InvalidUserids: []string{"x", "引\"号\\\n"}, InvalidDeptIDs: []int64{9, -1},
		Failed: names("f"), Read: names("r1", "r2"), Unread: names("u"),
		Held: []notify.Held{{Code: "143106", Count: 1, Users: names("a", "b")}, {Code: "50002", Count: 0, Users: names("c")}},
	}
	h, _ = handler(full)
	w = do(h, resultRequest)
	mustAnswer(t, w)
	if got, want := shape(w), `{"errcode":0,"errmsg":"ok","send_result":{"invalid_user_id_list":["x","引\"号\\\u000a"],"forbidden_user_id_list":["a","b","c"],`+
		`"failed_user_id_list":["f"],"read_user_id_list":["r1","r2"],"unread_user_id_list":["u"],"invalid_dept_id_list":[9,-1],`+
		`"forbidden_list":[{"code":"143106","count":1,"userid":"a"},{"code":"143106","count":1,"userid":"b"},{"code":"50002","count":0,"userid":"c"}]},"request_id":"R"}`; got != want {
		t.Errorf("got %s", got)
	}
}

// Where receipts are no longer kept the result says so; otherwise it is as the
// documented service answers, without another field.
func TestResultWithoutReceipts(t *testing.T) {
	t.Parallel()
	rooms := newRooms()
	rooms.result.Read, rooms.result.Dropped = names("r1", "r2"), true
	h, _ := handler(rooms)
	w := do(h, resultRequest)
	mustAnswer(t, w)
	if got := shape(w); !strings.Contains(got, `"read_user_id_list":["r1","r2"],"unread_user_id_list":[],`) ||
		!strings.HasSuffix(got, `"forbidden_list":[],"receipts_dropped":true},"request_id":"R"}`) {
		t.Errorf("got %s", got)
	}
}

func many(n int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield("user" + strconv.Itoa(i)) {
				return
			}
		}
	}
}

// discard is a client that counts and forgets, and leaves after some bytes.
type discard struct {
	header http.Header
	n      int
	leave  int
	peak   uint64
}

func (d *discard) Header() http.Header { return d.header }
func (*discard) WriteHeader(int)       {}

func (d *discard) Write(p []byte) (int, error) {
	d.n += len(p)
	if d.leave > 0 && d.n > d.leave {
		return 0, errors.New("gone")
	}
	if d.n%(8<<20) < len(p) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		d.peak = max(d.peak, m.HeapAlloc)
	}
	return len(p), nil
}

func TestAMillionPeopleAreStreamed(t *testing.T) { // not parallel: it measures memory
	f := newRooms()
	f.result.Unread = many(1_000_000)
	f.result.Held = []notify.Held{{Code: "143106", Count: 1, Users: many(300_000)}}
	h, _ := handler(f)
	w := newRecorder()
	h.ServeHTTP(w, resultRequest.build())
	var got struct {
		Result struct {
			Unread    []string `json:"unread_user_id_list"`
			Forbidden []string `json:"forbidden_user_id_list"`
			List      []struct{ Userid string }
		} `json:"send_result"`
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	last := got.Result.Unread[len(got.Result.Unread)-1]
	if len(got.Result.Unread) != 1_000_000 || len(got.Result.Forbidden) != 300_000 || last != "user999999" || got.RequestID == "" {
		t.Errorf("%d unread, %d forbidden, last %s", len(got.Result.Unread), len(got.Result.Forbidden), last)
	}
	w, got.Result.Unread, got.Result.Forbidden = nil, nil, nil
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	d := &discard{header: http.Header{}}
	h.ServeHTTP(d, resultRequest.build())
	if grown := int64(d.peak) - int64(before.HeapAlloc); grown > 16<<20 {
		t.Errorf("the heap grew by %d bytes while streaming %d", grown, d.n)
	}
}

func TestAClientThatLeavesEndsTheStream(t *testing.T) {
	t.Parallel()
	f := newRooms()
	asked := 0
	f.result.Unread = func(yield func(string) bool) {
		for asked < 1_000_000 && yield("u") {
			asked++
		}
	}
	h, _ := handler(f)
	h.ServeHTTP(&discard{header: http.Header{}, leave: 100_000}, resultRequest.build())
	if asked > 60_000 {
		t.Errorf("asked for %d people more", asked)
	}
}

// A half result must never look like a whole one.
func TestAPanicInTheMiddleCutsTheAnswerOff(t *testing.T) {
	t.Parallel()
	f := newRooms()
	f.result.Unread = func(yield func(string) bool) {
		many(10_000)(yield)
		panic("a bug")
	}
	h, l := handler(f)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	res, err := http.Post(server.URL+resultRequest.target, jsonType, strings.NewReader(resultRequest.body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil {
		t.Errorf("%d bytes came with a regular end", len(body))
	}
	if json.Valid(body) || !strings.Contains(l.String(), "a bug") {
		t.Errorf("valid %v, log %s", json.Valid(body), l)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\xff", 100)
	large := png + strings.Repeat("x", 3<<20)
	target := "/media/upload?access_token=" + goodToken
	ok := `{"errcode":0,"errmsg":"ok","media_id":"@lfile","created_at":1605863153573,"type":"image","request_id":"R"}`
	image, token := part{"type", "", "image"}, part{"access_token", "", goodToken}
	for name, c := range map[string]struct {
		target string
		parts  []part
		want   string // the answer, or its beginning
		files  []string
	}{
		"type behind the file": {target, []part{{"media", "a.png", png}, image}, ok, []string{"image", "a.png", png}},
		"type in the query":    {target + "&type=image", []part{{"media", "图.png", png}}, ok, []string{"image", "图.png", png}},
		"type in both":         {target + "&type=image", []part{image, {"media", "a.png", png}}, ok, []string{"image", "a.png", png}},
		"token as a part":      {"/media/upload", []part{token, image, {"media", "a.png", png}}, ok, []string{"image", "a.png", png}},
		"token behind":         {"/media/upload", []part{image, {"media", "a.png", png}, token}, ok, []string{"image", "a.png", png}},
		"larger than memory":   {target, []part{image, {"media", "a.png", large}}, ok, []string{"image", "a.png", large}},
		"a part without name":  {target, []part{image, {"media", "", png}}, ok, []string{"image", "", png}},
		"more parts":           {target, []part{image, {"media", "a.png", png}, {"other", "b.exe", "MZ"}, {"x", "", "y"}}, ok, []string{"image", "a.png", png}},
		"no file":              {target, []part{image}, `{"errcode":41005,`, nil},
		"a file elsewhere":     {target, []part{image, {"file", "a.png", png}}, `{"errcode":41005,`, nil},
		"two files":            {target, []part{image, {"media", "a.png", png}, {"media", "b.png", png}}, `{"errcode":40035,"errmsg":"不合法的参数 media"`, nil},
		"no type":              {target, []part{{"media", "a.png", png}}, `{"errcode":40004,`, nil},
		"a type of nothing":    {target, []part{{"type", "", "sonnet"}, {"media", "a.mp4", png}}, `{"errcode":40004,`, nil},
		"two types":            {target + "&type=file", []part{image, {"media", "a.png", png}}, `{"errcode":40035,"errmsg":"不合法的参数 type"`, nil},
		"two tokens":           {target, []part{image, {"media", "a.png", png}, {"access_token", "", "x"}}, `{"errcode":40014,"errmsg":"不合法的access_token"`, nil},
		"invalid UTF-8":        {target, []part{{"type", "", "im\xffage"}, {"media", "a.png", png}}, `{"errcode":40035,"errmsg":"不合法的参数 type"`, nil},
		"no token":             {"/media/upload", []part{image, {"media", "a.png", png}}, `{"errcode":40000,"errmsg":"access_token is blank"`, nil},
		"a wrong token":        {"/media/upload?access_token=x", []part{image, {"media", "a.png", png}}, `{"errcode":40014,"errmsg":"不合法的access_token"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newRooms()
			h, _ := handler(f)
			kind, body := multipartBody(t, c.parts...)
			w := do(h, request{target: c.target, contentType: kind, body: body})
			mustAnswer(t, w)
			if got := shape(w); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s", got)
			}
			if diff := cmp.Diff(c.files, f.files); diff != "" {
				t.Errorf("%d parts stored", len(f.files)/3)
			}
		})
	}
}

func TestUploadBodies(t *testing.T) {
	t.Parallel()
	f := newRooms()
	h, _ := handler(f)
	target := "/media/upload?access_token=" + goodToken
	// One client's hand-made multipart: an empty line first, no space after the
	// colons, the boundary behind the charset.
	byHand := "\r\n--xyz\r\nContent-Disposition:form-data;name=\"type\"\r\nContent-Type:text/plain\r\n\r\nimage\r\n" +
		"--xyz\r\nContent-Disposition:form-data;name=\"media\";filename=\"a.png\"\r\nContent-Type:image/png\r\n\r\nPNG\r\n--xyz--\r\n"
	w := do(h, request{target: target, contentType: "multipart/form-data;charset=utf-8;boundary=xyz", body: byHand})
	if a := mustAnswer(t, w); *a.Errcode != 0 || strings.Join(f.files, " ") != "image a.png PNG" {
		t.Errorf("by hand: %s %v", w.Body, f.files)
	}
	for name, c := range map[string]struct {
		kind, body string
		want       int
	}{
		"JSON":              {jsonType, `{"type":"image"}`, 43008},
		"empty":             {"", "", 43008},
		"no boundary":       {"multipart/form-data", byHand, 43008},
		"cut short":         {"multipart/form-data;boundary=xyz", byHand[:len(byHand)-8], 40035},
		"another boundary":  {"multipart/form-data;boundary=abc", byHand, 40035},
		"20.25 MB and more": {"multipart/form-data;boundary=xyz", byHand + strings.Repeat("x", 21<<20), 40006},
	} {
		w := do(h, request{target: target, contentType: c.kind, body: c.body})
		if a := mustAnswer(t, w); *a.Errcode != c.want {
			t.Errorf("%s: %s", name, w.Body)
		}
		if (w.Code == http.StatusRequestEntityTooLarge) != (c.want == 40006) {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

type reads struct {
	io.Reader
	n int
}

func (r *reads) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}
