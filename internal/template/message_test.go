package template_test

import (
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/message"
	"github.com/tidings-im/tidings/internal/template"
)

// office is a directory of two people and one department.
type office struct{}

func (office) UserName(userid string) (string, bool) {
	name, ok := map[string]string{"ann": "Ann *Example*", "zs": "张三"}[userid]
	return name, ok
}

func (office) DepartmentName(id string) (string, bool) { return "Sales", id == "2" }

func TestMessages(t *testing.T) {
	t.Parallel()
	buttons := with(actionForm(), func(f *template.Form) {
		f.Image, f.SideBySide = "@lADOexample", true
		f.Actions = append(f.Actions, template.Action{Title: "No", URL: "https://example.com/no?day=${day}"})
	})
	for name, c := range map[string]struct {
		form   template.Form
		values template.Values
		want   string
	}{
		"markdown": {
			markdownForm("**${who}**: ${what}", parameter("who"), parameter("what")),
			template.Values{"who": "张三", "what": "1*2\n[x](y)", "extra": "ignored"},
			`{"markdown":{"text":"**张三**: 1\\*2<br>\\[x\\]\\(y\\)","title":"Your order"},"msgtype":"markdown"}`,
		},
		"one jump": {
			actionForm(),
			template.Values{"day": "Friday"},
			`{"action_card":{"markdown":"Sent on Friday","single_title":"Open","single_url":"https://example.com/orders","title":"Your order"},"msgtype":"action_card"}`,
		},
		"buttons": {
			buttons,
			template.Values{"day": "a b&c=d"},
			`{"action_card":{"btn_json_list":[{"action_url":"https://example.com/orders","title":"Open"},{"action_url":"https://example.com/no?day=a%20b%26c%3Dd","title":"No"}],"btn_orientation":"1","markdown":"![](<@lADOexample>)\n\nSent on a b\\&c\\=d","title":"Your order"},"msgtype":"action_card"}`,
		},
		"form": {
			rowsForm(),
			template.Values{"who": "$userName=ann$, $userName=nobody$ of $departmentName=2$", "id": "7/8"},
			`{"msgtype":"oa","oa":{"body":{"form":[{"key":"From","value":"Ann *Example*, $userName=nobody$ of Sales"}],"title":"A request"},"head":{"bgcolor":"FF0958D9","text":"Leave"},"message_url":"https://example.com/leave/7%2F8"}}`,
		},
		"a value that would begin a list": {
			markdownForm("${what}. ${who}", parameter("what"), parameter("who")),
			template.Values{"what": "1", "who": "x"},
			`{"markdown":{"text":"\u200c1\u200c. \u200cx\u200c","title":"Your order"},"msgtype":"markdown"}`,
		},
		"nothing to emphasise": {
			markdownForm("Dear **${who}**, hello", parameter("who")),
			template.Values{"who": ""},
			`{"markdown":{"text":"Dear **\u200c\u200c**, hello","title":"Your order"},"msgtype":"markdown"}`,
		},
		"words like our own": {
			markdownForm("&#113;z0v7x q z1v9x ${who}", parameter("who")),
			template.Values{"who": "x"},
			`{"markdown":{"text":"&#113;z0v7x q z1v9x x","title":"Your order"},"msgtype":"markdown"}`,
		},
		"names are values": {
			markdownForm("${who}", parameter("who")),
			template.Values{"who": "$userName=ann$"},
			`{"markdown":{"text":"Ann \\*Example\\*","title":"Your order"},"msgtype":"markdown"}`,
		},
	} {
		m, err := mustCompile(t, c.form).Message(c.values, office{}, message.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := strings.ReplaceAll(c.want, `\u200c`, "\u200c")
		if got := string(m.Canonical()); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
		}
	}
}

func TestValuesRefused(t *testing.T) {
	t.Parallel()
	listed := with(actionForm(), func(f *template.Form) {
		f.Actions[0].URL = "${url}"
		p := parameter("url", "example.com", "shop.example.com")
		p.Sample = "https://example.com/x"
		f.Parameters = append(f.Parameters, p)
	})
	short := markdownForm("${who}", template.Parameter{Name: "who", Description: "d", Sample: "x", MaxLength: 3})
	for name, c := range map[string]struct {
		form   template.Form
		values template.Values
		limits message.Limits
		want   fault.Code
		field  string
	}{
		"missing":            {actionForm(), template.Values{"Day": "x"}, message.Limits{}, fault.CodeTemplateValueMissing, "data.day"},
		"longer than said":   {short, template.Values{"who": "张三李四"}, message.Limits{}, fault.CodeMessageFieldLong, "data.who"},
		"longer than a link": {rowsForm(), template.Values{"who": "x", "id": strings.Repeat("x", 500)}, message.Limits{}, fault.CodeMessageFieldLong, "mobile_url"},
		"longer than text":   {markdownForm("${who}", parameter("who")), template.Values{"who": strings.Repeat("x", 5001)}, message.Limits{}, fault.CodeMessageFieldLong, "data.who"},
		"longer with text":   {markdownForm("a ${who}", parameter("who")), template.Values{"who": strings.Repeat("x", 5000)}, message.Limits{}, fault.CodeMessageFieldLong, "msg.markdown.text"},
		"larger than all":    {markdownForm("${who}", parameter("who")), template.Values{"who": strings.Repeat("x", 100)}, message.Limits{MaxBytes: 100}, fault.CodeMessageTooLarge, "msg"},
		"another host":       {listed, template.Values{"day": "x", "url": "https://example.org/"}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
		"a part of a host":   {listed, template.Values{"day": "x", "url": "https://evil-example.com/"}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
		"a user name":        {listed, template.Values{"day": "x", "url": "https://example.com@example.org/"}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
		"wrapped elsewhere":  {listed, template.Values{"day": "x", "url": "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fexample.org"}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
		"mobile elsewhere":   {listed, template.Values{"day": "x", "url": "dingtalk://dingtalkclient/action/open_platform_link?pcLink=https%3A%2F%2Fexample.com&mobileLink=https%3A%2F%2Fexample.org"}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
		"script":             {listed, template.Values{"day": "x", "url": "javascript:td()"}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
		"nothing":            {listed, template.Values{"day": "x", "url": ""}, message.Limits{}, fault.CodeTemplateValueBad, "data.url"},
	} {
		_, err := mustCompile(t, c.form).Message(c.values, nil, c.limits)
		if f := fault.From(err); err == nil || f.Code != c.want || f.Field != c.field {
			t.Errorf("%s: %v, want %s of %s", name, err, c.want, c.field)
		}
	}
	for _, url := range []string{"https://example.com", "http://shop.example.com/a?b=c#d", "https://EXAMPLE.com/x", " https://example.com/ ", "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fexample.com%2Fx"} {
		if _, err := mustCompile(t, listed).Message(template.Values{"day": "x", "url": url}, nil, message.Limits{}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
