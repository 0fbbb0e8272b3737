package message_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/message"
)

// miniAppLinks lead to a page of the sender's mini program, as it is or inside
// other links.
func miniAppLinks() []string {
	const both = "dingtalk://dingtalkclient/action/open_platform_link?pcLink="
	eapp := url.QueryEscape("eapp://pages/index/index?id=1")
	return []string{
		"eapp://pages/index/index?id=1", "EAPP://x", page("eapp://pages/index"), page("eapp://pages/index") + "&pc_slide=true",
		page(page("eapp://x")), "dingtalk://dingtalkclient/action/openapp?redirect_url=" + eapp,
		both + eapp + "&mobileLink=" + eapp, both + eapp, both + "&mobileLink=" + eapp, both + "javascript%3A1&mobileLink=" + eapp,
	}
}

const appPage = "https://app.example.com/home?a=1&b=2"

// A link to a mini program leads to the app's page, wherever it stands; the
// body says the same as the card.
func TestMiniAppLinksLeadToTheAppsPage(t *testing.T) {
	t.Parallel()
	for typ, paths := range map[message.Type][]string{
		message.TypeLink:       {"messageUrl"},
		message.TypeOA:         {"message_url"},
		message.TypeMarkdown:   {"text"},
		message.TypeActionCard: {"single_url", "btn_json_list", "markdown"},
	} {
		for _, path := range paths {
			for _, link := range miniAppLinks() {
				payload := link
				if path == "text" || path == "markdown" {
					payload = "[open](" + link + ")"
				}
				raw := hostile(t, typ, path, payload)
				switch {
				case typ == message.TypeOA:
					raw = wire(t, typ, with(with(whole()[typ], path, payload), "pc_message_url", nil))
				case path == "btn_json_list":
					raw = wire(t, typ, with(whole()[typ], path, []any{fields{"title": "open", "action_url": payload}}))
				}
				m := mustDecode(t, raw)
				o := options()
				if card := m.HTML(o); slices.Contains(anchors(t, card), appPage) || !strings.Contains(card, `data-kind="mini_app"`) {
					t.Errorf("%s.%s without a page: %s", typ, path, card)
				}
				o.PageURL = appPage
				checkOptions(t, m, o)
				if card := m.HTML(o); !slices.Contains(anchors(t, card), appPage) || strings.Contains(card, "mini_app") {
					t.Errorf("%s.%s with a page: %s", typ, path, card)
				}
			}
		}
	}
}

func TestMiniAppLinkOfOneDevice(t *testing.T) {
	t.Parallel()
	o := options()
	o.PageURL = appPage
	both := func(pc, mobile string) string {
		return "dingtalk://dingtalkclient/action/open_platform_link?pcLink=" + url.QueryEscape(pc) + "&mobileLink=" + url.QueryEscape(mobile)
	}
	const other = "https://example.com/m"
	for link, want := range map[string]message.Link{
		both("eapp://x", other):                  {Desktop: appPage, Mobile: other, Host: "app.example.com"},
		both(other, "eapp://x"):                  {Desktop: other, Mobile: appPage, Host: "example.com"},
		page("eapp://x") + "&pc_slide=true":      {Desktop: appPage, Mobile: appPage, Host: "app.example.com", Slide: true},
		both(page("eapp://x"), "javascript:1"):   {Desktop: appPage, Mobile: appPage, Host: "app.example.com"},
		both("javascript:1", "https://a.b/eapp"): {Desktop: "https://a.b/eapp", Mobile: "https://a.b/eapp", Host: "a.b"},
	} {
		want.Kind, want.Text = message.LinkWeb, link
		got := mustDecode(t, wire(t, message.TypeLink, with(whole()[message.TypeLink], "messageUrl", link))).Body(o).Link
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", link, diff)
		}
	}
	oa := mustDecode(t, wire(t, message.TypeOA, with(whole()[message.TypeOA], "pc_message_url", "eapp://x")))
	if l := oa.Body(o).Link; l.Desktop != appPage || l.Mobile != "https://example.com/m" {
		t.Errorf("an oa card whose desktop link is a mini program: %+v", l)
	}
}

// The page's own host decides whether it is trusted, like any other's.
func TestMiniAppPageIsAnOrdinaryLink(t *testing.T) {
	t.Parallel()
	m := mustDecode(t, wire(t, message.TypeLink, with(whole()[message.TypeLink], "messageUrl", "eapp://x")))
	o := options()
	for address, trusted := range map[string]bool{appPage: false, "https://img.example.com/home": true} {
		o.PageURL = address
		if card := m.HTML(o); strings.Contains(card, `data-trusted="true"`) != trusted {
			t.Errorf("%s: %s", address, card)
		}
	}
}

// What is no plain web address is no page, whatever it is.
func TestUnsafePageIsNoPage(t *testing.T) {
	t.Parallel()
	m := mustDecode(t, wire(t, message.TypeLink, with(whole()[message.TypeLink], "messageUrl", "eapp://x")))
	pages := append(unsafeLinks(), miniAppLinks()...)
	for _, address := range append(pages, markup()...) {
		if l := message.Resolve(address); l.Kind == message.LinkWeb {
			continue // white space around an address is forgiven
		}
		o := options()
		o.PageURL = address
		checkOptions(t, m, o)
		if card := m.HTML(o); len(anchors(t, card)) > 0 || !strings.Contains(card, `data-kind="mini_app"`) {
			t.Errorf("page %q: %s", address, card)
		}
	}
	o := options()
	o.PageURL = page("https://example.com")
	if card := m.HTML(o); len(anchors(t, card)) > 0 {
		t.Errorf("a page address is unwrapped: %s", card)
	}
}

// Pictures and addresses in a text are not the app's links.
func TestMiniAppAddressIsNoPicture(t *testing.T) {
	t.Parallel()
	o := options()
	o.PageURL = appPage
	for _, raw := range [][]byte{
		wire(t, message.TypeLink, with(whole()[message.TypeLink], "picUrl", "eapp://x")),
		wire(t, message.TypeMarkdown, fields{"title": "t", "text": "![x](eapp://x)"}),
		wire(t, message.TypeText, fields{"content": "eapp://x " + page("eapp://x")}),
	} {
		if card := mustDecode(t, raw).HTML(o); strings.Contains(card, "app.example.com") {
			t.Errorf("%s", card)
		}
	}
}
