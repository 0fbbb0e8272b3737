package message_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

type fields = map[string]any

// failer is what testing.TB and *rapid.T have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// wire returns the JSON of a message of a type with these inner fields.
func wire(tb failer, typ message.Type, inner any) []byte {
	tb.Helper()
	b, err := json.Marshal(fields{"msgtype": string(typ), string(typ): inner})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func mustDecode(tb testing.TB, raw []byte) *message.Message {
	tb.Helper()
	m, err := message.Decode(raw, message.Limits{})
	if err != nil {
		tb.Fatalf("Decode(%s): %v", raw, err)
	}
	return m
}

// mustFail decodes and returns the fault, which must have this code and field.
func mustFail(tb testing.TB, raw []byte, lim message.Limits, code fault.Code, field string) *fault.Fault {
	tb.Helper()
	_, err := message.Decode(raw, lim)
	if err == nil {
		tb.Fatalf("Decode(%.200s) succeeded, want %s at %s", raw, code, field)
	}
	var f *fault.Fault
	if !errors.As(err, &f) {
		tb.Fatalf("Decode: %v is no fault", err)
	}
	if f.Code != code || f.Field != field {
		tb.Fatalf("Decode(%.200s): got %s at %q (%s), want %s at %q", raw, f.Code, f.Field, f.Text, code, field)
	}
	return f
}

// with returns a copy of base in which the value at a dotted path is replaced,
// or removed if it is nil.
func with(base fields, path string, v any) fields {
	out := fields{}
	for k, old := range base {
		out[k] = old
	}
	key, rest, deeper := strings.Cut(path, ".")
	switch {
	case deeper:
		inner, _ := out[key].(fields)
		out[key] = with(inner, rest, v)
	case v == nil:
		delete(out, key)
	default:
		out[key] = v
	}
	return out
}

// whole returns a valid inner object of every type with every field set.
func whole() map[message.Type]fields {
	return map[message.Type]fields{
		message.TypeText:  {"content": "The release is out: https://example.com/notes"},
		message.TypeImage: {"media_id": "@lADOADmaWMzazQKA"},
		message.TypeVoice: {"media_id": "@lATOADmaWMzazQKA", "duration": "10"},
		message.TypeFile:  {"media_id": "@lAzOADmaWMzazQKA"},
		message.TypeLink: {
			"messageUrl": "https://example.com/post", "picUrl": "@lALOACZwe2Rk", "title": "A title", "text": "A text",
		},
		message.TypeOA: {
			"message_url": "https://example.com/m", "pc_message_url": "https://example.com/pc",
			"head":       fields{"bgcolor": "FFBBBBBB", "text": "Head"},
			"status_bar": fields{"status_value": "Pending", "status_bg": "0xFFFF9D46"},
			"body": fields{
				"title": "Leave request", "form": []any{
					fields{"key": "Name:", "value": "Li Lei"}, fields{"key": "Days:", "value": "3"},
				},
				"rich": fields{"num": "15.6", "unit": "CNY"}, "content": "Three days off.\nThank you.",
				"image": "@lADOADmaWMzazQKA", "file_count": "3", "author": "Li Lei",
			},
		},
		message.TypeMarkdown: {"title": "Build", "text": "# Build 12\n\n**passed** in [3 min](https://example.com/b/12)"},
		message.TypeActionCard: {
			"title": "Approve?", "markdown": "Order *12*", "btn_orientation": "1",
			"btn_json_list": []any{
				fields{"title": "Yes", "action_url": "https://example.com/yes"},
				fields{"title": "No", "action_url": "https://example.com/no"},
			},
		},
	}
}

// undirected leaves out of a card which texts have a direction of their own.
func undirected(card string) string { return strings.ReplaceAll(card, ` dir="auto"`, "") }

func single() fields {
	return fields{"markdown": "Order 12", "single_title": "Open", "single_url": "https://example.com/12"}
}
