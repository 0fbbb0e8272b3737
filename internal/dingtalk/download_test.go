package dingtalk_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
)

const downloadPath = "/media/downloadFile"

// A file comes back as it is kept, in parts too, under both names of the call.
func TestDownload(t *testing.T) {
	t.Parallel()
	for _, path := range []string{downloadPath, "/media/get"} {
		target := path + "?" + form("access_token", goodToken, "media_id", "@lfile")
		for name, c := range map[string]struct {
			method string
			header http.Header
			status int
			body   string
			with   http.Header
		}{
			"whole": {"GET", nil, http.StatusOK, "%PDF-12345", http.Header{
				"Content-Type": {"application/pdf"}, "Content-Length": {"10"}, "Accept-Ranges": {"bytes"}, "X-Content-Type-Options": {"nosniff"},
				"Content-Disposition": {`attachment; filename="__.pdf"; filename*=UTF-8''%E5%AD%A3%E5%BA%A6.pdf`},
			}},
			"its head":   {"HEAD", nil, http.StatusOK, "", http.Header{"Content-Type": {"application/pdf"}, "Content-Length": {"10"}}},
			"a part":     {"GET", http.Header{"Range": {"bytes=5-7"}}, http.StatusPartialContent, "123", http.Header{"Content-Range": {"bytes 5-7/10"}}},
			"the end":    {"GET", http.Header{"Range": {"bytes=-2"}}, http.StatusPartialContent, "45", http.Header{"Content-Range": {"bytes 8-9/10"}}},
			"beyond":     {"GET", http.Header{"Range": {"bytes=10-"}}, http.StatusRequestedRangeNotSatisfiable, "", http.Header{"Content-Range": {"bytes */10"}}},
			"known":      {"GET", http.Header{"If-None-Match": {`"d"`}}, http.StatusNotModified, "", http.Header{"Etag": {`"d"`}}},
			"as JSON":    {"GET", http.Header{"Content-Type": {jsonType}}, http.StatusOK, "%PDF-12345", nil},
			"old reader": {"GET", http.Header{"Accept": {"text/xml"}}, http.StatusOK, "%PDF-12345", nil},
		} {
			f := newRooms()
			h, _ := handler(f)
			w := do(h, request{method: c.method, target: target, header: c.header})
			if w.Code != c.status || c.body != "" && w.Body.String() != c.body {
				t.Errorf("%s, %s: %d %q", path, name, w.Code, w.Body)
			}
			for header, want := range c.with {
				if got := w.Header().Values(header); !slices.Equal(got, want) {
					t.Errorf("%s, %s: %s %v, want %v", path, name, header, got, want)
				}
			}
			if !slices.Equal(f.calls, []string{path}) {
				t.Errorf("%s, %s: counted %v", path, name, f.calls)
			}
		}
	}
}

func TestDownloadFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pairs  []string
		change func(*rooms)
		want   string // the answer, or its beginning
	}{
		"no id":      {nil, nil, `{"errcode":41006,"errmsg":"缺少参数 media_id","sub_msg":"media_id is required"`},
		"empty":      {[]string{"media_id", ""}, nil, `{"errcode":41006,`},
		"two":        {[]string{"media_id", "@lfile", "media_id", "@lother"}, nil, `{"errcode":40035,"errmsg":"不合法的参数 media_id"`},
		"unknown":    {[]string{"media_id", "@lnone"}, nil, `{"errcode":40007,"errmsg":"不合法的媒体文件id media_id"`},
		"no id's":    {[]string{"media_id", "../../etc/passwd"}, nil, `{"errcode":40007,`},
		"busy":       {[]string{"media_id", "@lfile"}, func(f *rooms) { f.err = fault.New(fault.CodeBusy, "busy") }, `{"errcode":-1,`},
		"lost":       {[]string{"media_id", "@lfile"}, func(f *rooms) { f.lost = errors.New("gone") }, `{"errcode":500,"errmsg":"系统错误","request_id"`},
		"no right":   {[]string{"media_id", "@lfile"}, func(f *rooms) { f.scopes = []string{"another"} }, `{"errcode":60011,"errmsg":"没有调用该接口的权限`},
		"used up":    {[]string{"media_id", "@lfile"}, func(f *rooms) { f.count = fault.New(fault.CodeThrottled, "slow down") }, `{"errcode":90018,`},
		"two tokens": {[]string{"media_id", "@lfile", "access_token", "x"}, nil, `{"errcode":40014,`},
	} {
		f := newRooms()
		if c.change != nil {
			c.change(f)
		}
		h, _ := handler(f)
		w := do(h, request{method: "GET", target: downloadPath + "?access_token=" + goodToken + "&" + form(c.pairs...)})
		mustAnswer(t, w)
		if got := shape(w); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
