package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say how a server is called. The zero value is right for most programs.
type Options struct {
	// HTTP makes the requests; nil is a client whose requests end after 30 seconds.
	HTTP *http.Client
	// Attempts is how often one call is made at most; 0 is 4, and 1 makes no call
	// again.
	Attempts int
	// Now is the clock by which access tokens end and signatures are made; nil is
	// time.Now.
	Now func() time.Time
}

// Client is one server, or several behind one address. Safe for concurrent use.
type Client struct {
	host     string
	http     *http.Client
	attempts int
	now      func() time.Time
}

const (
	defaultAttempts = 4
	defaultTimeout  = 30 * time.Second
	// maxAnswer is far above the largest answer, the result of a send to a million
	// people.
	maxAnswer = 256 << 20
)

// New returns a client of the server at host, such as https://tidings.example.com.
// What is wrong with host, the first call says.
func New(host string, o Options) *Client {
	c := &Client{host: strings.TrimRight(host, "/"), http: o.HTTP, attempts: o.Attempts, now: o.Now}
	if c.http == nil {
		c.http = &http.Client{Timeout: defaultTimeout}
	}
	if c.attempts < 1 {
		c.attempts = defaultAttempts
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c
}

// request is one call before it is made.
type request struct {
	method, path string
	query        url.Values
	header       http.Header
	body         []byte
	again        bool // twice does the same as once
}

// jsonRequest posts a JSON object.
func jsonRequest(path string, body any) (request, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return request{}, &unanswered{path: path, err: err}
	}
	return request{
		method: http.MethodPost, path: path, body: text,
		header: http.Header{"Content-Type": {"application/json"}},
	}, nil
}

// reader makes an error of a whole answer, nil if it says yes, and reads what it
// holds.
type reader func(a answer, into any) error

// answer is what came back.
type answer struct {
	path   string
	status int
	header http.Header
	text   []byte
}

// do makes a call, and makes it again where that is right.
func (c *Client) do(ctx context.Context, r request, read reader, into any) error {
	for made := 1; ; made++ {
		a, err := c.once(ctx, r)
		if err == nil {
			err = read(a, into)
		}
		if err == nil || made == c.attempts {
			return err
		}
		pause, again := pauseAfter(err, made, r.again)
		if !again || !wait(ctx, pause) {
			return err
		}
	}
}

// once makes one request. Its errors name the path alone: the query holds tokens.
func (c *Client) once(ctx context.Context, r request) (answer, error) {
	w, err := c.open(ctx, c.http, r)
	if err != nil {
		return answer{}, err
	}
	defer w.Body.Close()
	text, err := io.ReadAll(io.LimitReader(w.Body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	if err != nil {
		return answer{}, &unanswered{path: r.path, err: err, sent: true}
	}
	return answer{path: r.path, status: w.StatusCode, header: w.Header, text: text}, nil
}

// open makes one request and leaves its answer to be read.
func (c *Client) open(ctx context.Context, by *http.Client, r request) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, r.method, c.host+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, &unanswered{path: r.path, err: errors.New("the host is no address: " + c.host)}
	}
	q.URL.RawQuery = r.query.Encode()
	for name, values := range r.header {
		q.Header[name] = values
	}
	w, err := by.Do(q)
	if err != nil {
		return nil, &unanswered{path: r.path, err: withoutQuery(err), sent: !dialing(err)}
	}
	return w, nil
}

// readWire reads an answer of the wire, all of which have an errcode
// (docs/contract.md#envelopes).
func readWire(a answer, into any) error {
	var e struct {
		Code      *int   `json:"errcode"`
		Message   string `json:"errmsg"`
		SubCode   string `json:"sub_code"`
		Detail    string `json:"sub_msg"`
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(a.text, &e); err != nil || e.Code == nil {
		return a.unreadable()
	}
	if *e.Code != 0 || a.status != http.StatusOK {
		return a.refused(Error{Code: *e.Code, SubCode: e.SubCode, Message: e.Message, Detail: e.Detail, RequestID: e.RequestID})
	}
	return a.read(into)
}

// readNewer reads an answer of the newer wire, in which the HTTP status says no.
func readNewer(a answer, into any) error {
	if a.status == http.StatusOK {
		return a.read(into)
	}
	var e struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		RequestID string `json:"requestid"`
	}
	if err := json.Unmarshal(a.text, &e); err != nil || e.Code == "" {
		return a.unreadable()
	}
	return a.refused(Error{Name: e.Code, Message: e.Message, RequestID: e.RequestID})
}

// readOwn reads an answer of our own API.
func readOwn(a answer, into any) error {
	if a.status >= http.StatusOK && a.status < http.StatusMultipleChoices {
		return a.read(into)
	}
	var e struct {
		Code      string `json:"code"`
		Title     string `json:"title"`
		Detail    string `json:"detail"`
		Field     string `json:"field"`
		RequestID string `json:"request_id"`
	}
	if err := json.Unmarshal(a.text, &e); err != nil || e.Code == "" {
		return a.unreadable()
	}
	return a.refused(Error{Name: e.Code, Message: e.Title, Detail: e.Detail, Field: e.Field, RequestID: e.RequestID})
}

func (a answer) read(into any) error {
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(a.text, into); err != nil {
		return a.unreadable()
	}
	return nil
}
