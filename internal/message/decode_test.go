package message_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

func TestEveryTypeDecodes(t *testing.T) {
	t.Parallel()
	for typ, inner := range whole() {
		m := mustDecode(t, wire(t, typ, inner))
		if m.Type() != typ {
			t.Errorf("Type() = %s, want %s", m.Type(), typ)
		}
		// encoding/json sorts keys too: an oracle for the canonical form.
		if diff := cmp.Diff(string(wire(t, typ, inner)), string(m.Canonical())); diff != "" {
			t.Errorf("%s: canonical form (-want +got)\n%s", typ, diff)
		}
		again, err := message.Parse(m.Canonical())
		if err != nil || string(again.Canonical()) != string(m.Canonical()) {
			t.Errorf("%s: Parse(Canonical()) = %v, %v", typ, again, err)
		}
	}
}

func TestRequiredFields(t *testing.T) {
	t.Parallel()
	required := map[message.Type][]string{
		message.TypeText:     {"content"},
		message.TypeImage:    {"media_id"},
		message.TypeVoice:    {"media_id", "duration"},
		message.TypeFile:     {"media_id"},
		message.TypeLink:     {"messageUrl", "picUrl", "title", "text"},
		message.TypeOA:       {"head", "body", "status_bar.status_value"},
		message.TypeMarkdown: {"title", "text"},
		message.TypeActionCard: {
			"markdown", "btn_orientation", "btn_json_list",
		},
	}
	for typ, paths := range required {
		for _, path := range paths {
			field := "msg." + string(typ) + "." + path
			mustFail(t, wire(t, typ, with(whole()[typ], path, nil)), message.Limits{}, fault.CodeMessageIncomplete, field)
			mustFail(t, wire(t, typ, with(whole()[typ], path, "")), message.Limits{}, fault.CodeMessageIncomplete, field)
			mustFail(t, wire(t, typ, with(whole()[typ], path, json.RawMessage("null"))), message.Limits{},
				fault.CodeMessageIncomplete, field)
		}
		for _, raw := range []string{`{"msgtype":"` + string(typ) + `"}`, `{"msgtype":"` + string(typ) + `","` + string(typ) + `":null}`} {
			mustFail(t, []byte(raw), message.Limits{}, fault.CodeMessageIncomplete, "msg."+string(typ))
		}
	}
	mustFail(t, []byte(`{}`), message.Limits{}, fault.CodeMessageIncomplete, "msg.msgtype")
	mustFail(t, wire(t, message.TypeActionCard, with(single(), "single_url", nil)), message.Limits{},
		fault.CodeMessageIncomplete, "msg.action_card.single_url")
	mustFail(t, wire(t, message.TypeActionCard, with(single(), "single_title", nil)), message.Limits{},
		fault.CodeMessageIncomplete, "msg.action_card.single_title")
	list := []any{fields{"title": "a", "action_url": "https://example.com"}, fields{"title": "b"}}
	mustFail(t, wire(t, message.TypeActionCard, with(whole()[message.TypeActionCard], "btn_json_list", list)),
		message.Limits{}, fault.CodeMessageIncomplete, "msg.action_card.btn_json_list[1].action_url")
}

// Samples that are copied widely send oa messages with less than the protocol
// documents; where its limits are emulated, what is documented holds.
func TestCopiedSamplesOfOA(t *testing.T) {
	t.Parallel()
	body := fields{"content": "xxx"}
	strict := message.Limits{StrictOA: true}
	head := func(text, color any) fields {
		return fields{"message_url": "https://example.com", "head": fields{"text": text, "bgcolor": color}, "body": body}
	}
	for name, c := range map[string]struct {
		inner fields
		field string // what is wrong with it where it is strict
	}{
		"no link, no colour":     {fields{"head": fields{"text": "head"}, "body": body}, "message_url"},
		"a link that is null":    {fields{"message_url": nil, "head": fields{"text": "head", "bgcolor": "FFBBBBBB"}, "body": body}, "message_url"},
		"no text":                {head(nil, "FFBBBBBB"), "head.text"},
		"empty text":             {head("", "FFBBBBBB"), "head.text"},
		"no colour":              {head("head", nil), "head.bgcolor"},
		"empty colour":           {head("head", ""), "head.bgcolor"},
		"six digits":             {head("head", "2381E9"), "head.bgcolor"},
		"six digits with 0x":     {head("head", "0x2381E9"), "head.bgcolor"},
		"a web page's colour":    {head("head", "#2381e9"), "head.bgcolor"},
		"a short one":            {head("head", "#ddd"), "head.bgcolor"},
		"a head without content": {fields{"message_url": "https://example.com", "head": fields{}, "body": body}, "head.bgcolor"},
	} {
		raw := wire(t, message.TypeOA, c.inner)
		m := mustDecode(t, raw)
		again, err := message.Decode(m.Canonical(), message.Limits{})
		if err != nil || string(again.Canonical()) != string(m.Canonical()) {
			t.Errorf("%s: Decode(Canonical()) = %v", name, err)
		}
		if stored, err := message.Parse(m.Canonical()); err != nil || m.Preview() != "xxx" || stored.Preview() != "xxx" {
			t.Errorf("%s: stored as %s, %v", name, m.Canonical(), err)
		}
		_, err = message.Decode(raw, strict)
		if f := fault.From(err); err == nil || f.Field != "msg.oa."+c.field {
			t.Errorf("%s: strictly %v, want a fault of %s", name, err, c.field)
		}
	}
	if _, err := message.Decode(wire(t, message.TypeOA, whole()[message.TypeOA]), strict); err != nil {
		t.Errorf("what the protocol documents is refused: %v", err)
	}
}

// A card that was sent without a link shows its title as words, not as a link
// that is out of order.
func TestCardWithoutLink(t *testing.T) {
	t.Parallel()
	m := mustDecode(t, wire(t, message.TypeOA, fields{"head": fields{"text": "head"}, "body": fields{"title": "Lift"}}))
	html := m.HTML(options())
	if !strings.Contains(html, ">Lift</h3>") || strings.Contains(html, "td-off") || m.Body(options()).Link != nil {
		t.Errorf("%s", html)
	}
}

func TestOptionalFields(t *testing.T) {
	t.Parallel()
	oa := whole()[message.TypeOA]
	for _, path := range []string{
		"pc_message_url", "status_bar", "status_bar.status_bg", "body.title", "body.form", "body.rich", "body.rich.num",
		"body.rich.unit", "body.content", "body.image", "body.file_count", "body.author",
	} {
		mustDecode(t, wire(t, message.TypeOA, with(oa, path, nil)))
		mustDecode(t, wire(t, message.TypeOA, with(oa, path, "")))
	}
	mustDecode(t, wire(t, message.TypeOA, with(oa, "body", fields{})))
	mustDecode(t, wire(t, message.TypeActionCard, single()))
	mustDecode(t, wire(t, message.TypeActionCard, with(single(), "title", "T")))
	mustDecode(t, wire(t, message.TypeActionCard, fields{"markdown": "no action"}))
}

func TestButtonLimits(t *testing.T) {
	t.Parallel()
	card := func(buttons ...any) []byte {
		return wire(t, message.TypeActionCard,
			fields{"markdown": "x", "btn_orientation": "0", "btn_json_list": buttons})
	}
	button := func(title, url int) fields {
		return fields{"title": strings.Repeat("钮", title), "action_url": strings.Repeat("u", url)}
	}
	const list = "msg.action_card.btn_json_list"
	mustDecode(t, card(button(20, 700)))
	mustFail(t, card(button(21, 1)), message.Limits{}, fault.CodeMessageFieldLong, list+"[0].title")
	mustFail(t, card(button(1, 1), button(1, 701)), message.Limits{}, fault.CodeMessageFieldLong, list+"[1].action_url")
	// [{"action_url":"…","title":"…"},{…}]: 28 characters around the values of each button, 3 for the list.
	mustDecode(t, card(button(20, 500), button(20, 401)))
	f := mustFail(t, card(button(20, 500), button(20, 402)), message.Limits{}, fault.CodeMessageFieldLong, list)
	if f.Limit != 1000 || f.Actual != 1001 {
		t.Errorf("limit %d, actual %d", f.Limit, f.Actual)
	}
}

func TestSuggestedLengthsAreNotLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", message.MaxLine)
	for typ, paths := range map[message.Type][]string{
		message.TypeLink:     {"title", "text"},
		message.TypeOA:       {"head.text", "body.title", "body.content", "body.author"},
		message.TypeMarkdown: {"title"},
	} {
		for _, path := range paths {
			mustDecode(t, wire(t, typ, with(whole()[typ], path, long)))
		}
	}
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	raw := wire(t, message.TypeText, fields{"content": strings.Repeat("通", 600)})
	size := len(mustDecode(t, raw).Canonical())
	if _, err := message.Decode(raw, message.Limits{MaxBytes: size}); err != nil {
		t.Fatal(err)
	}
	f := mustFail(t, raw, message.Limits{MaxBytes: size - 1}, fault.CodeMessageTooLarge, "msg")
	if f.Limit != int64(size-1) || f.Actual != int64(size) {
		t.Errorf("limit %d, actual %d", f.Limit, f.Actual)
	}
	// White space and unknown fields are not part of a message.
	loose := strings.Replace(string(raw), `{`, `{   "extra":[1,2,{"a":"b"}],`, 1)
	if _, err := message.Decode([]byte(loose), message.Limits{MaxBytes: size}); err != nil {
		t.Fatal(err)
	}
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	oa := whole()[message.TypeOA]
	for _, bad := range []string{"red", "FFBBBBB", "FFBBBBBBB", "#FFBBBBBB", "0xFFBBB", "GFBBBBBB", "FFBB BBB"} {
		mustFail(t, wire(t, message.TypeOA, with(oa, "head.bgcolor", bad)), message.Limits{},
			fault.CodeMessageFieldBad, "msg.oa.head.bgcolor")
		mustFail(t, wire(t, message.TypeOA, with(oa, "status_bar.status_bg", bad)), message.Limits{},
			fault.CodeMessageFieldBad, "msg.oa.status_bar.status_bg")
	}
	voice := whole()[message.TypeVoice]
	for _, bad := range []any{"0", "60", "-1", "1.5", "ten", "1e1", 0, 60, 1.5, true, "10LL", " 10", "+10", "."} {
		mustFail(t, wire(t, message.TypeVoice, with(voice, "duration", bad)), message.Limits{},
			fault.CodeMessageFieldBad, "msg.voice.duration")
	}
	for _, good := range []any{"1", "59", 1, 59, json.Number("10.0"), "10L", "007"} {
		mustDecode(t, wire(t, message.TypeVoice, with(voice, "duration", good)))
	}
	card := whole()[message.TypeActionCard]
	for _, bad := range []any{"2", "vertical", 2, true} {
		mustFail(t, wire(t, message.TypeActionCard, with(card, "btn_orientation", bad)), message.Limits{},
			fault.CodeMessageFieldBad, "msg.action_card.btn_orientation")
	}
	for path, bad := range map[string]any{
		"message_url": fields{}, "head": "text", "body": []any{}, "body.form": fields{}, "body.rich": 1,
		"body.title": []any{"x"}, "status_bar": true,
	} {
		mustFail(t, wire(t, message.TypeOA, with(oa, path, bad)), message.Limits{}, fault.CodeMessageFieldBad, "msg.oa."+path)
	}
	mustFail(t, wire(t, message.TypeOA, with(oa, "body.form", []any{fields{}, "x"})), message.Limits{},
		fault.CodeMessageFieldBad, "msg.oa.body.form[1]")
}

func TestScalarsBecomeText(t *testing.T) {
	t.Parallel()
	raw := `{"msgtype":"oa","oa":{"message_url":"https://example.com","head":{"bgcolor":11223344,"text":true},
		"body":{"title":12,"rich":{"num":15.60,"unit":null},"file_count":3,"form":[{"key":1,"value":-0.0},{"key":"","value":null}]}}}`
	want := `{"msgtype":"oa","oa":{"body":{"file_count":"3","form":[{"key":"1","value":"-0.0"}],"rich":{"num":"15.60"},` +
		`"title":"12"},"head":{"bgcolor":"11223344","text":"true"},"message_url":"https://example.com"}}`
	if got := string(mustDecode(t, []byte(raw)).Canonical()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	voice := `{"msgtype":"voice","voice":{"media_id":"@a","duration":9.0}}`
	if got := string(mustDecode(t, []byte(voice)).Canonical()); !strings.Contains(got, `"duration":"9"`) {
		t.Errorf("got %s", got)
	}
}

func TestJSONTextForStructures(t *testing.T) {
	t.Parallel()
	card := whole()[message.TypeActionCard]
	list, err := json.Marshal(card["btn_json_list"])
	if err != nil {
		t.Fatal(err)
	}
	want := mustDecode(t, wire(t, message.TypeActionCard, card))
	got := mustDecode(t, wire(t, message.TypeActionCard, with(card, "btn_json_list", " "+string(list))))
	if string(got.Canonical()) != string(want.Canonical()) {
		t.Errorf("got %s", got.Canonical())
	}
	mustFail(t, wire(t, message.TypeActionCard, with(card, "btn_json_list", `[{"title":"a\u0000"}]`)), message.Limits{},
		fault.CodeParameterInvalid, "msg.action_card.btn_json_list[0].title")
	mustFail(t, wire(t, message.TypeActionCard, with(card, "btn_json_list", `[{"title":`)), message.Limits{},
		fault.CodeParameterInvalid, "msg.action_card.btn_json_list[0].title")
	mustFail(t, wire(t, message.TypeActionCard, with(card, "btn_json_list", `yes`)), message.Limits{},
		fault.CodeMessageFieldBad, "msg.action_card.btn_json_list")
}

func TestUnknownType(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"msgtype":"video","video":{}}`, `{"msgtype":"TEXT","text":{"content":"x"}}`, `{"msgtype":1}`,
		`{"msgtype":{"a":1}}`, `{"msgtype":"actionCard","actionCard":{}}`,
	} {
		f := mustFail(t, []byte(raw), message.Limits{}, fault.CodeMessageTypeUnknown, "msg.msgtype")
		if strings.ContainsAny(f.Text, "\r\n") {
			t.Errorf("text of %s has lines: %q", raw, f.Text)
		}
	}
}
