package model_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tidings-im/tidings/test/harness"
)

// query is which pages to ask for.
type query struct {
	limit  int    // 0 leaves it out
	before string // a next_before
	agent  int64  // 0 is everybody's
	unread bool
}

func (q query) values() url.Values {
	v := url.Values{}
	if q.limit != 0 {
		v.Set("limit", strconv.Itoa(q.limit))
	}
	if q.before != "" {
		v.Set("before", q.before)
	}
	if q.agent != 0 {
		v.Set("app", strconv.FormatInt(q.agent, 10))
	}
	if q.unread {
		v.Set("unread", "true")
	}
	return v
}

// page is one page as it came.
type page struct {
	Items      []shown `json:"items"`
	NextBefore *string `json:"next_before"`
	Revision   string  `json:"revision"`
}

// getPage asks for one page. The error may be harness.Refused.
func getPage(r *harness.Reader, q query) (p page, err error) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.Address()+"/api/v1/inbox/messages?"+q.values().Encode(), http.NoBody)
	if err != nil {
		return p, err
	}
	request.Header.Set("Authorization", "Bearer "+r.APIToken)
	answer, err := r.HTTP.Do(request)
	if err != nil {
		return p, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return p, err
	case answer.StatusCode != http.StatusOK:
		return p, &harness.Refused{Code: answer.StatusCode, Text: string(text)}
	}
	return p, json.Unmarshal(text, &p)
}

// walk is a chain of pages from the newest, or from a cursor, to the end.
type walk struct {
	items    []shown
	revision int64 // of the first page
	cursors  []cursor
}

// cursor is a next_before, and the revision of the last item above it; 0 when
// there was none.
type cursor struct {
	before string
	above  int64
}

// walkPages follows next_before to the end.
func walkPages(r *harness.Reader, q query) (w walk, err error) {
	usual := 20
	if q.limit != 0 {
		usual = q.limit
	}
	for first := true; ; first = false {
		p, err := getPage(r, q)
		if err != nil {
			return w, err
		}
		if len(p.Items) > usual {
			return w, fmt.Errorf("a page of %d has %d items", usual, len(p.Items))
		}
		if first {
			if w.revision, err = strconv.ParseInt(p.Revision, 10, 64); err != nil {
				return w, fmt.Errorf("the revision of a page: %w", err)
			}
		}
		w.items = append(w.items, p.Items...)
		if p.NextBefore == nil {
			return w, nil
		}
		if *p.NextBefore == q.before {
			return w, fmt.Errorf("the page before %s names itself as the next", q.before)
		}
		c := cursor{before: *p.NextBefore}
		if n := len(w.items); n > 0 {
			c.above = w.items[n-1].SentRevision()
		}
		w.cursors = append(w.cursors, c)
		q.before = *p.NextBefore
	}
}
