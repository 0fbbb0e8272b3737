package message_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/message"
)

func TestParseAppliesNoLimits(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		string(wire(t, message.TypeText, fields{"content": strings.Repeat("a", 9000)})),
		`{"msgtype":"voice","voice":{"duration":"90"}}`,
		`{"msgtype":"oa","oa":{"body":{},"head":{"bgcolor":"red"}}}`,
		`{"action_card":{"btn_json_list":[{"title":"x"}]},"msgtype":"action_card"}`,
		`{"markdown":{},"msgtype":"markdown"}`,
		`{"msgtype":"oa","oa":{"body":{"form":[` + strings.Repeat(`{"key":"k"},`, message.MaxValues) + `{"key":"k"}]},"head":{}}}`,
	} {
		m, err := message.Parse([]byte(raw))
		if err != nil {
			t.Errorf("Parse(%.80s): %v", raw, err)
			continue
		}
		if string(m.Canonical()) != raw {
			t.Errorf("Parse(%.80s).Canonical() = %.80s", raw, m.Canonical())
		}
		if m.HTML(message.RenderOptions{}) == "" {
			t.Errorf("no card for %.80s", raw)
		}
	}
	for _, raw := range []string{``, `[]`, `{"msgtype":"x"}`, `{"msgtype":"text"}`, `{"msgtype":"text","text":1}`} {
		if _, err := message.Parse([]byte(raw)); err == nil {
			t.Errorf("Parse(%s) succeeded", raw)
		}
	}
}

func TestMedia(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ             message.Type
		inner           fields
		required, media []string
	}{
		{message.TypeText, whole()[message.TypeText], nil, nil},
		{message.TypeImage, fields{"media_id": "@a"}, []string{"@a"}, []string{"@a"}},
		{message.TypeVoice, fields{"media_id": "@a", "duration": 1}, []string{"@a"}, []string{"@a"}},
		{message.TypeFile, fields{"media_id": "@a"}, []string{"@a"}, []string{"@a"}},
		{message.TypeLink, whole()[message.TypeLink], nil, []string{"@lALOACZwe2Rk"}},
		{message.TypeLink, with(whole()[message.TypeLink], "picUrl", "https://example.com/a.png"), nil, nil},
		{message.TypeOA, whole()[message.TypeOA], nil, []string{"@lADOADmaWMzazQKA"}},
		{message.TypeOA, with(whole()[message.TypeOA], "body.image", "http://example.com/a.png"), nil, nil},
		{
			message.TypeMarkdown,
			fields{"title": "t", "text": "![](@b) ![](https://example.com/x.png) [![](@c)](https://example.com) ![](@b)"},
			nil,
			[]string{"@b", "@c"},
		},
		{message.TypeActionCard, with(single(), "markdown", "![](@b)"), nil, []string{"@b"}},
	} {
		m := mustDecode(t, wire(t, c.typ, c.inner))
		if diff := cmp.Diff(c.required, m.RequiredMedia()); diff != "" {
			t.Errorf("%s: required %s", c.typ, diff)
		}
		if diff := cmp.Diff(c.media, m.Media()); diff != "" {
			t.Errorf("%s: media %s", c.typ, diff)
		}
	}
}
