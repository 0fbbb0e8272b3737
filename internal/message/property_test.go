package message_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/internal/message"
)

// texts are made of pieces: plain ones, and those that mean something in
// Markdown, HTML, JSON or an address.
var texts = rapid.Custom(func(t *rapid.T) string {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"通知", "a", " ", "\n", "  \n  ", "**", "*", "_", "`", "# ", "> ", "- ", "1. ", "[", "](", ")", "![", "<", ">", "&", "\"", "'", "\\",
			"https://example.com/", "javascript:", "dingtalk://dingtalkclient/page/link?url=", "@media", "\u202e", "\u2028", "\r", "\t", "😀", "<br>", "%41",
		}),
		rapid.StringN(0, 6, -1),
	)
	s := ""
	for _, p := range rapid.SliceOfN(piece, 1, 12).Draw(t, "pieces") {
		s += p
	}
	if s = clean(s); s == "" {
		return "x"
	}
	return s
})

func clean(s string) string {
	return string(bytes.ReplaceAll(bytes.ToValidUTF8([]byte(s), nil), []byte{0}, nil))
}

// anyMessage draws the type and the inner object of a valid message.
func anyMessage(t *rapid.T) (message.Type, fields) {
	typ := rapid.SampledFrom([]message.Type{
		message.TypeText, message.TypeImage, message.TypeVoice, message.TypeFile, message.TypeLink, message.TypeOA,
		message.TypeMarkdown, message.TypeActionCard,
	}).Draw(t, "type")
	inner := whole()[typ]
	for _, path := range textFields()[typ] {
		switch path {
		case "body.form":
			var rows []any
			for range rapid.IntRange(0, 9).Draw(t, "rows") {
				rows = append(rows, fields{"key": texts.Draw(t, "key"), "value": texts.Draw(t, "value")})
			}
			inner = with(inner, path, rows)
		case "btn_json_list", "single_title", "single_url":
		default:
			inner = with(inner, path, texts.Draw(t, path))
		}
	}
	return typ, inner
}

func decoded(t *rapid.T, raw []byte) *message.Message {
	m, err := message.Decode(raw, message.Limits{})
	if err != nil {
		t.Skip(err)
	}
	return m
}

func TestCanonicalIsIdentity(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typ, inner := anyMessage(t)
		m := decoded(t, wire(t, typ, inner))
		for name, read := range map[string]func([]byte) (*message.Message, error){
			"Decode": func(b []byte) (*message.Message, error) { return message.Decode(b, message.Limits{}) },
			"Parse":  message.Parse,
		} {
			again, err := read(m.Canonical())
			if err != nil || !bytes.Equal(again.Canonical(), m.Canonical()) || again.HTML(options()) != m.HTML(options()) {
				t.Fatalf("%s(%s): %v", name, m.Canonical(), err)
			}
		}
		var generic any
		if err := json.Unmarshal(m.Canonical(), &generic); err != nil {
			t.Fatal(err)
		}
		sorted, err := json.Marshal(generic) // encoding/json sorts keys
		if err != nil {
			t.Fatal(err)
		}
		if tokens(t, m.Canonical()) != tokens(t, sorted) {
			t.Fatalf("keys of %s are not sorted as in %s", m.Canonical(), sorted)
		}
	})
}

// tokens returns the tokens of a JSON text as one string: two texts with the
// same tokens differ in white space and escapes only.
func tokens(t *rapid.T, raw []byte) string {
	dec := json.NewDecoder(bytes.NewReader(raw))
	s := ""
	for dec.More() || s == "" {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		b, err := json.Marshal(tok)
		if err != nil {
			t.Fatal(err)
		}
		s += string(b)
	}
	return s
}

func TestOrderAndSpaceDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typ, inner := anyMessage(t)
		want := decoded(t, wire(t, typ, inner))
		var loose bytes.Buffer
		scatter(t, &loose, fields{"msgtype": string(typ), string(typ): inner, "unknown": []any{1, "x", nil}})
		got, err := message.Decode(loose.Bytes(), message.Limits{})
		if err != nil || !bytes.Equal(got.Canonical(), want.Canonical()) {
			t.Fatalf("%s\n got %v %v\nwant %s", loose.Bytes(), got, err, want.Canonical())
		}
	})
}

// scatter writes a value with its keys in any order and white space anywhere.
func scatter(t *rapid.T, b *bytes.Buffer, v any) {
	space := func() { b.WriteString(rapid.SampledFrom([]string{"", " ", "\n", "\t\r\n  "}).Draw(t, "space")) }
	space()
	switch v := v.(type) {
	case fields:
		b.WriteByte('{')
		for i, k := range rapid.Permutation(slices.Sorted(maps.Keys(v))).Draw(t, "order") {
			if i > 0 {
				b.WriteByte(',')
			}
			scatter(t, b, k)
			b.WriteByte(':')
			scatter(t, b, v[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			scatter(t, b, item)
		}
		b.WriteByte(']')
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(raw)
	}
	space()
}

func TestCardsAreSafeAndStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		typ, inner := anyMessage(rt)
		m := decoded(rt, wire(rt, typ, inner))
		checkMessage(t, m)
		if t.Failed() {
			rt.Fatalf("message %s", m.Canonical())
		}
	})
}
