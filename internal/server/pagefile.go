package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// pageFile is one of the browser's files, ready to be sent.
type pageFile struct {
	content     []byte
	zipped      []byte // the same compressed; nil where the build did not
	contentType string
	caching     string
	tag         string // of the content
}

// contentTypes are said here: a system's own table may lack some of them.
var contentTypes = map[string]string{
	".html":        "text/html; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".webmanifest": "application/manifest+json",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".png":         "image/png",
	".ico":         "image/x-icon",
	".woff2":       "font/woff2",
}

const (
	keptForEver = "public, max-age=31536000, immutable"
	asksAgain   = "no-cache" // kept, but not used without asking
)

// digestName is the name of a file that the build made, with a digest of its
// content in it: index-spHPrRV2.css. Where the build does not write, names of
// other files look the same.
var digestName = regexp.MustCompile(`^[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+$`)

// zippedName ends the name of what the build compressed: index.html.gz is
// index.html.
const zippedName = ".gz"

func newPageFile(name string, content, zipped []byte, built bool) *pageFile {
	f := &pageFile{content: content, zipped: zipped, contentType: contentTypes[path.Ext(name)], caching: asksAgain, tag: digest(content)}
	if f.contentType == "" {
		f.contentType = "application/octet-stream"
	}
	if built && digestName.MatchString(path.Base(name)) {
		f.caching = keptForEver
	}
	return f
}

// digest names a content, in 16 characters.
func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// acceptsGzip reads Accept-Encoding; a coding of weight 0 is refused.
func acceptsGzip(h http.Header) bool {
	accepted := false
	for item := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, weight, weighted := strings.Cut(item, ";")
		wanted := true
		if weighted {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(weight)), "q="), 64)
			wanted = err == nil && q > 0
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return wanted // what is said of it counts more than what is said of all
		case "*":
			accepted = wanted
		}
	}
	return accepted
}
