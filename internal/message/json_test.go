package message_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
)

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	const text = `"msgtype":"text","text":{"content":"x"}`
	for raw, field := range map[string]string{
		``:                                      "msg",
		` `:                                     "msg",
		`null`:                                  "msg",
		`[]`:                                    "msg",
		`"{}"`:                                  "msg",
		`{`:                                     "msg",
		`{"a"`:                                  "msg",
		`{"a":`:                                 "msg.a",
		`{"a":1,}`:                              "msg",
		`{a:1}`:                                 "msg",
		`{'a':1}`:                               "msg",
		`{"a" 1}`:                               "msg",
		`{"a":1 "b":2}`:                         "msg",
		`{` + text + `}{}`:                      "msg",
		`{` + text + `} x`:                      "msg",
		"\ufeff{" + text + `}`:                  "msg",
		`{` + text + `,"text":{}}`:              "msg",
		`{` + text + `,"a":{"b":1,"\u0062":2}}`: "msg.a",
		`{"a":[1,]}`:                            "msg.a[1]",
		`{"a":[1 2]}`:                           "msg.a",
		`{"a":01}`:                              "msg",
		`{"a":-}`:                               "msg.a",
		`{"a":1.}`:                              "msg.a",
		`{"a":.1}`:                              "msg.a",
		`{"a":1e}`:                              "msg.a",
		`{"a":+1}`:                              "msg.a",
		`{"a":NaN}`:                             "msg.a",
		`{"a":tru}`:                             "msg.a",
		`{"a":True}`:                            "msg.a",
		`{"a":"\x41"}`:                          "msg.a",
		`{"a":"\u12"}`:                          "msg.a",
		`{"a":"\u12G4"}`:                        "msg.a",
		`{"a":"x}`:                              "msg.a",
		`{"a":"\`:                               "msg.a",
		"{\"a\":\"\n\"}":                        "msg.a",
		"{\"a\":\"\x00\"}":                      "msg.a",
		`{"a":"\u0000"}`:                        "msg.a",
		`{"\u0000":1}`:                          "msg",
		"{\"a\":\"\xff\"}":                      "msg.a",
		"{\"a\":\"\\n\xc0\x80\"}":               "msg.a",
		"{\"a\":\"\xed\xa0\x80\"}":              "msg.a",
		`{"a":"\ud83d"}`:                        "msg.a",
		`{"a":"\ude00"}`:                        "msg.a",
		`{"a":"\ud83d\u0041"}`:                  "msg.a",
		`{"a":"\ud83dx"}`:                       "msg.a",
		`{"a":{"b":[0,{"c":"\u0000"}]}}`:        "msg.a.b[1].c",
		`{"a b":"\u0000"}`:                      "msg.?",
		"\xff\xfe{\x00}\x00":                    "msg",
	} {
		f := mustFail(t, []byte(raw), message.Limits{}, fault.CodeParameterInvalid, field)
		if strings.ContainsAny(f.Text, "\r\n\x00") {
			t.Errorf("%q: text %q", raw, f.Text)
		}
	}
}

func TestTolerantJSON(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"msgtype":"text","text":{"content":"\u4f60\ud83d\ude00\/\t\b\f"}}`:  `{"msgtype":"text","text":{"content":"你😀/\t\u0008\u000c"}}`,
		"\t\r\n {\"text\" :{ \"content\":1e999\n} ,\"msgtype\":\"text\"} \n":  `{"msgtype":"text","text":{"content":"1e999"}}`,
		`{"msgtype":"text","text":"{\"content\":\"x\"}"}`:                     `{"msgtype":"text","text":{"content":"x"}}`,
		`{"msgtype":"text","text":{"content":"<&>\u2028\"\\"},"oa":{"x":[]}}`: "{\"msgtype\":\"text\",\"text\":{\"content\":\"<&>\u2028\\\"\\\\\"}}",
	} {
		if got := string(mustDecode(t, []byte(raw)).Canonical()); got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
	}
}

func TestJSONBounds(t *testing.T) {
	t.Parallel()
	nested := func(depth int) []byte { // the outermost object is one level
		return []byte(`{"msgtype":"text","text":{"content":"x"},"a":` +
			strings.Repeat("[", depth-1) + strings.Repeat("]", depth-1) + `}`)
	}
	mustDecode(t, nested(message.MaxDepth))
	if _, err := message.Decode(nested(message.MaxDepth+1), message.Limits{}); !fault.Is(err, fault.CodeParameterInvalid) {
		t.Errorf("one level too deep: %v", err)
	}
	var keys strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&keys, `,"k%d":1`, i)
	}
	for name, raw := range map[string]string{
		"deep":    strings.Repeat("[", 100_000),
		"objects": strings.Repeat(`{"a":`, 100_000),
		"values":  `[` + strings.Repeat("0,", 1_000_000) + `0]`,
		"keys":    `{"msgtype":"text"` + keys.String() + `}`,
		"number":  `{"a":` + strings.Repeat("9", 5_000_000) + `}`,
	} {
		if _, err := message.Decode([]byte(raw), message.Limits{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	many := `{"msgtype":"text","text":{"content":"x"}`
	for i := range 1000 {
		many += fmt.Sprintf(`,"k%d":1`, i)
	}
	mustDecode(t, []byte(many+"}"))
	if _, err := message.Decode([]byte(many+`,"k999":2}`), message.Limits{}); !fault.Is(err, fault.CodeParameterInvalid) {
		t.Errorf("a repeated key among many: %v", err)
	}
}
