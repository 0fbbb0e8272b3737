package message

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// ownPath is a path on the server that serves the page.
var ownPath = regexp.MustCompile(`^/[A-Za-z0-9_.~%-][A-Za-z0-9_.~%/@$=&?+-]*$`)

// policy is the last word on every card: the elements, attributes and values
// that may leave this room. It is written apart from the code that makes the
// HTML, so that a mistake there is a missing attribute and not a hole.
var policy = newPolicy()

func sanitize(b []byte) string { return string(policy.SanitizeBytes(b)) }

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(
		"article", "header", "h3", "h4", "h5", "h6", "p", "div", "span", "br", "hr",
		"em", "strong", "code", "pre", "blockquote", "ul", "ol", "li",
		"dl", "dt", "dd", "details", "summary", "figure", "a", "img", "button",
		"table", "thead", "tbody", "tr", "th", "td", "del",
	)
	p.RequireParseableURLs(true)
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(true) // src only: href must match webURL

	for element, classes := range elementClasses() {
		p.AllowAttrs("class").Matching(regexp.MustCompile(`^(?:` + strings.Join(classes, "|") + `)$`)).OnElements(element)
	}
	webURL := regexp.MustCompile(`^https?://[!-~]+$`)
	yes := regexp.MustCompile(`^true$`)
	host := regexp.MustCompile(`^[a-z0-9._:-]+$`)
	number := regexp.MustCompile(`^[0-9]{1,9}$`)
	color := regexp.MustCompile(`^[0-9A-F]{6}$`)

	p.AllowAttrs("href", "data-mobile").Matching(webURL).OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^` + linkRel + `$`)).OnElements("a")
	p.AllowAttrs("target").Matching(regexp.MustCompile(`^_blank$`)).OnElements("a")
	p.AllowAttrs("data-slide", "data-trusted").Matching(yes).OnElements("a")
	p.AllowAttrs("data-host").Matching(host).OnElements("a", "button", "span")
	p.AllowAttrs("data-kind").Matching(regexp.MustCompile(`^(?:mini_app|other)$`)).OnElements("span")

	p.AllowAttrs("src").Matching(webURL).OnElements("img")
	p.AllowAttrs("src").Matching(ownPath).OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowAttrs("referrerpolicy").Matching(regexp.MustCompile(`^no-referrer$`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(regexp.MustCompile(`^[1-9][0-9]{0,4}$`)).OnElements("img")
	p.AllowAttrs("data-src").Matching(webURL).OnElements("button", "span")
	p.AllowAttrs("data-src").Matching(ownPath).OnElements("div", "figure")
	p.AllowAttrs("data-media").Matching(regexp.MustCompile(`^[A-Za-z0-9@#$_.=+~-]+$`)).OnElements("div", "figure")
	p.AllowAttrs("data-type").Matching(regexp.MustCompile(`^(?:audio|application)/[a-z0-9][a-z0-9.+-]{0,99}$`)).OnElements("div")
	p.AllowAttrs("data-alt").OnElements("button", "span")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^button$`)).OnElements("button")

	p.AllowAttrs("role").Matching(regexp.MustCompile(`^img$`)).OnElements("span")
	p.AllowAttrs("aria-label").OnElements("article", "a", "span")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^auto$`)).OnElements(
		"article", "h3", "h4", "h5", "h6", "p", "dl", "dd", "ul", "ol", "li", "blockquote", "table",
	)
	p.AllowAttrs("data-align").Matching(regexp.MustCompile(`^(?:center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("data-checked").Matching(regexp.MustCompile(`^(?:true|false)$`)).OnElements("span")
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("data-level").Matching(number).OnElements("h3", "h4", "h5", "h6")
	p.AllowAttrs("data-count").Matching(number).OnElements("summary", "ul")
	p.AllowAttrs("data-duration").Matching(number).OnElements("span")
	p.AllowAttrs("data-color", "data-ink", "data-ink-dark").Matching(color).OnElements("header", "p")
	return p
}
