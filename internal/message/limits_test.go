package message_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

// limited is the longest text of every field, in characters. Fields that take
// few words only (colours, numbers, layouts) have none but those.
func limited() map[message.Type]map[string]int {
	return map[message.Type]map[string]int{
		message.TypeText:  {"content": 5000},
		message.TypeImage: {"media_id": 256},
		message.TypeVoice: {"media_id": 256},
		message.TypeFile:  {"media_id": 256},
		message.TypeLink:  {"messageUrl": 4000, "picUrl": 4000, "title": 2000, "text": 5000},
		message.TypeOA: {
			"message_url": 4000, "pc_message_url": 4000, "head.text": 2000, "status_bar.status_value": 100,
			"body.title": 2000, "body.content": 5000, "body.image": 4000, "body.file_count": 2000, "body.author": 2000,
			"body.rich.num": 2000, "body.rich.unit": 2000, "body.form[0].key": 2000, "body.form[0].value": 5000,
		},
		message.TypeMarkdown: {"title": 2000, "text": 5000},
		message.TypeActionCard: {
			"title": 64, "markdown": 5000, "single_title": 20, "single_url": 500,
			"btn_json_list[0].title": 20, "btn_json_list[0].action_url": 700,
		},
	}
}

// enumerated are the fields of which every possible value is short.
var enumerated = []string{"duration", "head.bgcolor", "status_bar.status_bg", "btn_orientation"}

// sentWith returns a message with a text in one field.
func sentWith(tb failer, typ message.Type, path, text string) []byte {
	base := whole()[typ]
	if strings.HasPrefix(path, "single_") {
		base = single()
	}
	list, field, isRow := strings.Cut(path, "[0].")
	if !isRow {
		return wire(tb, typ, with(base, path, text))
	}
	row := fields{"key": "k", "value": "v"}
	if list == "btn_json_list" {
		row = fields{"title": "t", "action_url": "u"}
	}
	return wire(tb, typ, with(base, list, []any{with(row, field, text)}))
}

// leaves returns the paths of all texts of a message, of lists the first entry's.
func leaves(prefix string, v any) (paths []string) {
	switch v := v.(type) {
	case fields:
		for key, inner := range v {
			paths = append(paths, leaves(strings.TrimPrefix(prefix+"."+key, "."), inner)...)
		}
	case []any:
		paths = leaves(prefix+"[0]", v[0])
	default:
		paths = []string{prefix}
	}
	return paths
}

func TestEveryTextHasALimit(t *testing.T) {
	t.Parallel()
	for typ, inner := range whole() {
		known := slices.Sorted(maps.Keys(limited()[typ]))
		for _, path := range append(leaves("", inner), leaves("", single())...) {
			if typ != message.TypeActionCard && slices.Contains(leaves("", single()), path) && !slices.Contains(known, path) {
				continue // of action cards
			}
			if !slices.Contains(known, path) && !slices.Contains(enumerated, path) {
				t.Errorf("%s.%s: no limit is known", typ, path)
			}
		}
		for _, path := range enumerated {
			if slices.Contains(leaves("", inner), path) {
				mustRefuse(t, sentWith(t, typ, path, strings.Repeat("1", 64)))
			}
		}
	}
	for typ, paths := range limited() {
		for path, limit := range paths {
			field := "msg." + string(typ) + "." + path
			for _, unit := range []string{"a", "通", "😀"} {
				mustDecode(t, sentWith(t, typ, path, strings.Repeat(unit, limit)))
				f := mustFail(t, sentWith(t, typ, path, strings.Repeat(unit, limit+1)), message.Limits{}, fault.CodeMessageFieldLong, field)
				if f.Limit != int64(limit) || f.Actual != int64(limit+1) || !strings.Contains(f.Text, field) {
					t.Errorf("%s: limit %d, actual %d, text %q", field, f.Limit, f.Actual, f.Text)
				}
			}
		}
	}
}

func mustRefuse(tb testing.TB, raw []byte) {
	tb.Helper()
	if _, err := message.Decode(raw, message.Limits{}); err == nil {
		tb.Errorf("Decode(%.200s) succeeded", raw)
	}
}

func TestRowsHaveALimit(t *testing.T) {
	t.Parallel()
	form := func(n int) []byte {
		rows := slices.Repeat([]any{fields{"key": "k", "value": "v"}}, n)
		return wire(t, message.TypeOA, with(whole()[message.TypeOA], "body.form", rows))
	}
	mustDecode(t, form(message.MaxRows))
	f := mustFail(t, form(message.MaxRows+1), message.Limits{}, fault.CodeMessageFieldLong, "msg.oa.body.form")
	if f.Limit != message.MaxRows || f.Actual != message.MaxRows+1 {
		t.Errorf("limit %d, actual %d", f.Limit, f.Actual)
	}
}

// What fits into the protocol's 2,048 bytes is not refused for a field's length,
// but where the protocol itself names one.
func TestLimitsAreAboveTheProtocols(t *testing.T) {
	t.Parallel()
	for typ, paths := range limited() {
		for path := range paths {
			if typ == message.TypeActionCard || path == "media_id" || path == "status_bar.status_value" {
				continue
			}
			room := 2048 - len(mustDecode(t, sentWith(t, typ, path, "x")).Canonical())
			if _, err := message.Decode(sentWith(t, typ, path, strings.Repeat("x", room)), message.Limits{MaxBytes: 2048}); err != nil {
				t.Errorf("%s.%s: %v", typ, path, err)
			}
		}
	}
}
