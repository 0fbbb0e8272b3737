package dingtalk_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/app"
	"github.com/tidings-im/tidings/internal/dingtalk"
	"github.com/tidings-im/tidings/internal/notify"
)

// instant is rooms that take no time and remember nothing.
type instant struct{ *rooms }

func (instant) Send(context.Context, notify.SendRequest) (int64, error) { return goodTask, nil }

func (f instant) CountCall(context.Context, app.Caller, string) error { return nil }

// BenchmarkSend is what the wire adds to a send: decode, envelope, and the
// recorder and request that the test itself makes (BenchmarkNothing).
func BenchmarkSend(b *testing.B) {
	f := instant{newRooms()}
	h := dingtalk.Handler(dingtalk.Deps{Tokens: f, Notifications: f, Uploads: f, Log: slog.New(slog.DiscardHandler)})
	msg := `{"msgtype":"markdown","markdown":{"title":"日报","text":"` + strings.Repeat("今天完成了三件事。", 20) + `"}}`
	body := `{"agent_id":1000000001234,"userid_list":"manager4220,user123,user124","to_all_user":false,"msg":` + msg + `}`
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		serve(b, h, body)
	}
}

// BenchmarkNothing is the same request and recorder with a handler that does
// nothing.
func BenchmarkNothing(b *testing.B) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	b.ReportAllocs()
	for b.Loop() {
		serve(b, h, goodSend)
	}
}

func serve(b *testing.B, h http.Handler, body string) {
	r := httptest.NewRequest(http.MethodPost, sendPath+"?access_token="+goodToken, strings.NewReader(body))
	r.Header.Set("Content-Type", jsonType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 {
		b.Fatal(w.Code)
	}
}
