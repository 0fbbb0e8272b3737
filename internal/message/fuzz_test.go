package message_test

import (
	"bytes"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

func FuzzDecode(f *testing.F) {
	for typ, inner := range whole() {
		f.Add(wire(f, typ, inner))
	}
	for _, link := range miniAppLinks() {
		f.Add(wire(f, message.TypeLink, with(whole()[message.TypeLink], "messageUrl", link)))
	}
	f.Add([]byte(`{"msgtype":"text","text":{"content":"\ud83d\ude00"},"x":[1e9,true,null]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := message.Decode(raw, message.Limits{MaxBytes: 32 << 10})
		if err != nil {
			if got := fault.From(err); got.Kind != fault.Invalid || got.Field == "" {
				t.Fatalf("Decode(%q): %v", raw, err)
			}
			return
		}
		again, err := message.Decode(m.Canonical(), message.Limits{MaxBytes: 32 << 10})
		if err != nil || !bytes.Equal(again.Canonical(), m.Canonical()) {
			t.Fatalf("%q: canonical form is not stable: %v", raw, err)
		}
		checkMessage(t, m)
	})
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range markup() {
		f.Add(s)
	}
	f.Add("![](http://img.eXAmple.Com )0")
	f.Add("[a](eapp://pages/index?id=1) <eapp://b> ![c](eapp://d) ![e](@pic)![f](@none)")
	f.Add("# 标题  \n  **重要：**请确认  \n  - a  \n  - b\n> q\n\n1. [x](https://example.com) ![y](@z)\n---\n```\ncode\n```")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) == 0 || len(text) > 8<<10 {
			return
		}
		raw := wire(t, message.TypeMarkdown, fields{"title": "t", "text": text})
		m, err := message.Decode(raw, message.Limits{})
		if err != nil {
			return
		}
		checkMessage(t, m)
	})
}

func FuzzLink(f *testing.F) {
	for _, s := range unsafeLinks() {
		f.Add(s)
	}
	for _, s := range miniAppLinks() {
		f.Add(s)
	}
	f.Add("https://例子.example.com:8080/a b?c=%zz#d")
	f.Add("dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fexample.com&pc_slide=true")
	f.Fuzz(func(t *testing.T, raw string) {
		l := message.Resolve(raw)
		switch l.Kind {
		case message.LinkWeb:
			if !isWeb(l.Desktop) || !isWeb(l.Mobile) || l.Host == "" {
				t.Fatalf("Resolve(%q) = %+v", raw, l)
			}
			if again := message.Resolve(l.Desktop); again.Desktop != l.Desktop || again.Host != l.Host {
				t.Fatalf("Resolve(%q) = %+v, again %+v", raw, l, again)
			}
		case message.LinkMiniApp, message.LinkOther:
			if l.Desktop != "" || l.Mobile != "" || l.Host != "" || l.Slide {
				t.Fatalf("Resolve(%q) = %+v", raw, l)
			}
		default:
			t.Fatalf("Resolve(%q) has the kind %q", raw, l.Kind)
		}
	})
}
