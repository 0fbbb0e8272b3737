package message_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/message"
)

func page(inner string) string {
	return "dingtalk://dingtalkclient/page/link?url=" + url.QueryEscape(inner)
}

func TestResolveOpens(t *testing.T) {
	t.Parallel()
	const jump = "dingtalk://dingtalkclient/action/"
	for raw, want := range map[string]message.Link{
		"https://example.com":                            {Desktop: "https://example.com", Host: "example.com"},
		" HTTPS://Example.COM/Path?Q=1#Frag\n":           {Desktop: "https://example.com/Path?Q=1#Frag", Host: "example.com"},
		"http://10.0.0.1:8080/a":                         {Desktop: "http://10.0.0.1:8080/a", Host: "10.0.0.1"},
		"http://[::1]:80/":                               {Desktop: "http://[::1]:80/", Host: "::1"},
		"http://intranet/a":                              {Desktop: "http://intranet/a", Host: "intranet"},
		"https://example.com./":                          {Desktop: "https://example.com./", Host: "example.com"},
		"https://example.com:/x":                         {Desktop: "https://example.com/x", Host: "example.com"},
		"https://a_b.example.com":                        {Desktop: "https://a_b.example.com", Host: "a_b.example.com"},
		"https://example.com/a b":                        {Desktop: "https://example.com/a%20b", Host: "example.com"},
		"https://example.com/审批?名=值":                     {Desktop: "https://example.com/%E5%AE%A1%E6%89%B9?%E5%90%8D=%E5%80%BC", Host: "example.com"},
		"https://example.com/?a=<b>\"'`{}|\\^":           {Desktop: "https://example.com/?a=%3Cb%3E%22'%60%7B%7D%7C%5C%5E", Host: "example.com"},
		"https://example.com/100%/%zz%41":                {Desktop: "https://example.com/100%25/%25zz%41", Host: "example.com"},
		"https://example.com/#a#b":                       {Desktop: "https://example.com/#a%23b", Host: "example.com"},
		"https://example.com/#":                          {Desktop: "https://example.com/", Host: "example.com"},
		"https://example.com/mail@example.org":           {Desktop: "https://example.com/mail@example.org", Host: "example.com"},
		"https://例子.example.com/":                        {Desktop: "https://xn--fsqu00a.example.com/", Host: "xn--fsqu00a.example.com"},
		"https://中国互联网络信息中心.中国":                          {Desktop: "https://xn--fiqa61au8b7zsevnm8ak20mc4a87e.xn--fiqs8s", Host: "xn--fiqa61au8b7zsevnm8ak20mc4a87e.xn--fiqs8s"},
		"https://3年B組金八先生.example.com":                   {Desktop: "https://xn--3b-ww4c5e180e575a65lsy2b.example.com", Host: "xn--3b-ww4c5e180e575a65lsy2b.example.com"},
		page("https://example.com/a?b=1"):                {Desktop: "https://example.com/a?b=1", Host: "example.com"},
		page("https://example.com/") + "&pc_slide=true":  {Desktop: "https://example.com/", Host: "example.com", Slide: true},
		page("https://example.com/") + "&pc_slide=false": {Desktop: "https://example.com/", Host: "example.com"},
		"DingTalk://DingTalkClient/page/link?pc_slide=true&url=http://example.com/?a=1": {Desktop: "http://example.com/?a=1", Host: "example.com", Slide: true},
		page(page("https://example.com/")):                                              {Desktop: "https://example.com/", Host: "example.com"},
		jump + "openapp?corpid=c&container_type=work_platform&app_id=0_1&redirect_type=jump&redirect_url=https%3A%2F%2Fexample.com%2Fx": {
			Desktop: "https://example.com/x", Host: "example.com",
		},
		jump + "open_platform_link?pcLink=https%3A%2F%2Fpc.example.com&mobileLink=https%3A%2F%2Fm.example.com": {
			Desktop: "https://pc.example.com", Mobile: "https://m.example.com", Host: "pc.example.com",
		},
		jump + "open_platform_link?pcLink=" + url.QueryEscape(page("https://pc.example.com")+"&pc_slide=true") +
			"&mobileLink=https%3A%2F%2Fm.example.com": {
			Desktop: "https://pc.example.com", Mobile: "https://m.example.com", Host: "pc.example.com", Slide: true,
		},
		jump + "open_platform_link?mobileLink=https%3A%2F%2Fm.example.com": {Desktop: "https://m.example.com", Host: "m.example.com"},
		jump + "open_platform_link?pcLink=https%3A%2F%2Fpc.example.com&mobileLink=javascript%3A1": {
			Desktop: "https://pc.example.com", Host: "pc.example.com",
		},
	} {
		want.Kind = message.LinkWeb
		if want.Mobile == "" {
			want.Mobile = want.Desktop
		}
		got := message.Resolve(raw)
		got.Text = ""
		if got != want {
			t.Errorf("Resolve(%q)\n got %+v\nwant %+v", raw, got, want)
		}
		if again := message.Resolve(got.Desktop); again.Desktop != got.Desktop || again.Host != got.Host {
			t.Errorf("Resolve(%q) is not stable: %+v", got.Desktop, again)
		}
	}
}

// unsafeLinks are addresses that must never be opened.
func unsafeLinks() []string {
	links := []string{
		"javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://example.com/%0aalert(1)", "java\tscript:alert(1)",
		"java\nscript:alert(1)", "java\r\nscript:alert(1)", "\x01javascript:alert(1)", " javascript:alert(1)",
		"javascript\t:alert(1)", "&#106;avascript:alert(1)", "javascript&colon;alert(1)", "jav&#x09;ascript:alert(1)",
		"%6aavascript:alert(1)", "javascript%3Aalert(1)", "feed:javascript:alert(1)", "view-source:javascript:alert(1)",
		"data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "DATA:text/html,x",
		"vbscript:msgbox(1)", "livescript:x", "mocha:x", "intent://example.com#Intent;scheme=https;end", "file:///etc/passwd",
		"blob:https://example.com/1", "filesystem:https://example.com/x", "about:blank", "chrome://settings", "ms-word:ofe|u|x",
		"ftp://example.com", "ws://example.com", "tel:10086", "sms:10086", "mailto:a@example.com", "weixin://dl",
		"//example.com", "///example.com", `\\example.com`, `/\example.com`, `\/example.com`, "/path", "path", "?q", "#f", "",
		"http:example.com", "http:/example.com", "http:///example.com", `http:\\example.com`, `https:/\example.com`,
		`https:\/example.com`, "https:", "https://", "https:///", "https://?x", "https://#x", "https://.", "https://..",
		"https://a..b", "https://.example.com", "https://user@example.com", "https://user:pass@example.com",
		"https://example.org@example.com", `https://example.org\@example.com`, "https://example.org%2F@example.com",
		"https://@example.com", "https://:@example.com", "https://exa mple.com", "https://exa\tmple.com", "https://exa\nmple.com",
		"https://example.com\x00.example.org", "https://example.com/\x00", "https://example.com/\n", "ht\ntps://example.com",
		"https://example.com/\u202egpj.exe", "https://example\u202e.com", "https://exam\u200bple.com", "https://exam\u00adple.com",
		"https://example\u3002com", "https://\uff45xample.com", "https://ex\u0430mple.com", "https://m\u00fcnchen.example.com",
		"https://example.com:99999", "https://example.com:0", "https://example.com:-1", "https://example.com:80x",
		"https://example.com:80:80", "https://%65xample.com", "https://exam%00ple.com", "https://[::1", "https://[::1]x",
		"https://[fe80::1%25eth0]", "https://[1.2.3.4]", "https://2130706433", "https://0x7f000001", "https://0x7f.1",
		"https://127.1", "https://017700000001", "https://1.2.3.256", "https://1.2.3.4.5", "https://exam<ple.com", "https://exam\"ple.com",
		"https://example.com\\evil", "https://example.com/a\\b", "https://" + strings.Repeat("a", 64) + ".com",
		"https://" + strings.Repeat("a.", 130) + "com", "https://\U0002f800.com", "https://\uf900.com", "https://\xff.com",
		"dingtalk:", "dingtalk://", "dingtalk://dingtalkclient", "dingtalk://dingtalkclient/page/link",
		"dingtalk://dingtalkclient/page/link?url=", "dingtalk://dingtalkclient/page/link?url=%zz",
		"dingtalk://dingtalkclient/page/link?url=javascript%3Aalert(1)", "dingtalk://dingtalkclient/page/link?url=%2F%2Fexample.com",
		"dingtalk://dingtalkclient/page/link?url=java%0Ascript%3Aalert(1)", "dingtalk://dingtalkclient/page/link?url=%5C%5Cexample.com",
		"dingtalk://dingtalkclient/page/link?url=data%3Atext%2Fhtml%2Cx", "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fa%40example.com",
		"dingtalk://dingtalkclient/page/link?url=https%253A%252F%252Fexample.com",
		"dingtalk://dingtalkclient/page/link/../x?url=https%3A%2F%2Fexample.com", "dingtalk://example.com/page/link?url=https%3A%2F%2Fexample.com",
		"dingtalk://dingtalkclient.example.com/page/link?url=https%3A%2F%2Fexample.com",
		"dingtalk://dingtalkclient/action/openapp?redirect_url=javascript%3Aalert(1)", "dingtalk://dingtalkclient/action/open_micro_app?appId=1",
		"dingtalk://dingtalkclient/action/open_platform_link?pcLink=javascript%3A1&mobileLink=data%3A1",
		"dingtalk://dingtalkclient/action/jump?url=https%3A%2F%2Fexample.com", "eapp:pages/index", "javascript:https://example.com",
		"https://example.com/#sign-in=tdl_1_a_b", "http://example.com:8080#sign-in=x", "https://example.com/?org=x#sign-in=",
		"HTTPS://EXAMPLE.COM//#sign-in=tdl_1_a_b", page("https://example.com/#sign-in=tdl_1_a_b"),
		page("javascript:alert(1)"), page(page("javascript:alert(1)")), page(page(page("vbscript:x"))),
	}
	deep := "https://example.com"
	for range 6 {
		deep = page(deep)
	}
	return append(links, deep)
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	list := unsafeLinks()
	if len(list) < 100 {
		t.Fatalf("only %d links", len(list))
	}
	for _, raw := range list {
		if raw == "https://example.com/\n" {
			continue // white space around an address is forgiven
		}
		got := message.Resolve(raw)
		if got.Kind != message.LinkOther || got.Desktop != "" || got.Mobile != "" || got.Host != "" || got.Slide {
			t.Errorf("Resolve(%q) = %+v", raw, got)
		}
	}
}

func TestResolveMiniApp(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"eapp://pages/index/index?k=v", "EAPP://x", page("eapp://pages/index")} {
		got := message.Resolve(raw)
		if got.Kind != message.LinkMiniApp || got.Desktop != "" || got.Mobile != "" || got.Slide {
			t.Errorf("Resolve(%q) = %+v", raw, got)
		}
	}
}

func TestResolveText(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"javascript:alert(1)\n\x00x": "javascript:alert(1) x",
		"a\u202eb":                   "ab",
		"https://example.com":        "https://example.com",
	} {
		if got := message.Resolve(raw).Text; got != want {
			t.Errorf("Resolve(%q).Text = %q, want %q", raw, got, want)
		}
	}
}
