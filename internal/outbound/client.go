package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	// Within is the longest that a call may take, from the name to the last byte.
	Within = 10 * time.Second
	// AnswerLimit is the most bytes of an answer that a call reads by default.
	AnswerLimit = 64 << 10

	userAgent   = "Tidings"
	headerLimit = 16 << 10
	idleTime    = 30 * time.Second
)

// ErrAnswerTooLarge says that an answer was longer than was asked for.
var ErrAnswerTooLarge = errors.New("the answer is too large")

// Options are what a Client works with. The zero value is usable.
type Options struct {
	Allowed  Allowed
	Resolver *net.Resolver // nil for the system's
	TLS      *tls.Config   // nil for the system's certificates; the least version is 1.2 in any case
}

// Client calls addresses that others name. It is safe for concurrent use.
type Client struct {
	allowed Allowed
	// Connections are kept apart by who named the address: one that the operator
	// may open must not be lent to others.
	everybody, operator *http.Client
}

// New returns a Client.
func New(o Options) *Client {
	return &Client{allowed: o.Allowed, everybody: o.client(false), operator: o.client(true)}
}

func (o Options) client(byOperator bool) *http.Client {
	secure := &tls.Config{}
	if o.TLS != nil {
		secure = o.TLS.Clone()
	}
	secure.MinVersion = max(secure.MinVersion, tls.VersionTLS12)
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: o.dial(byOperator), TLSClientConfig: secure, TLSHandshakeTimeout: Within,
			DisableCompression: true, MaxResponseHeaderBytes: headerLimit,
			MaxIdleConns: 64, MaxIdleConnsPerHost: 1, IdleConnTimeout: idleTime,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// dial connects to the first address of a host that may be dialled. Control sees each
// address as it is dialled, whatever name led there.
func (o Options) dial(byOperator bool) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		d := &net.Dialer{Resolver: o.Resolver, ControlContext: func(_ context.Context, _, to string, _ syscall.RawConn) error {
			resolved, err := netip.ParseAddrPort(to)
			if err != nil {
				return err
			}
			return o.Allowed.refuse(host, resolved.Addr(), byOperator)
		}}
		return d.DialContext(ctx, network, address)
	}
}

// Request is one call.
type Request struct {
	URL         string // as ParseURL takes it
	ContentType string
	Body        []byte
	ByOperator  bool          // the operator named the address on the command line
	Within      time.Duration // 0 for the package's
	AnswerLimit int           // bytes, 0 for the package's
}

// Answer is what a call was answered. A redirect is an answer like others.
type Answer struct {
	Status int
	Body   []byte
}

// Post sends a body and reads the answer. Fails with a *RefusedError for an address
// that may not be dialled, with ErrAnswerTooLarge, and with what the network says. No
// error holds the URL, which may hold a token.
func (c *Client) Post(ctx context.Context, r Request) (Answer, error) {
	u, err := c.mayCall(r.URL, r.ByOperator)
	if err != nil {
		return Answer{}, err
	}
	within, limit := r.Within, r.AnswerLimit
	if within == 0 {
		within = Within
	}
	if limit == 0 {
		limit = AnswerLimit
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	request.Header.Set("Content-Type", r.ContentType)
	request.Header.Set("User-Agent", userAgent)
	response, err := c.of(r.ByOperator).Do(request)
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(limit)+1))
	if err != nil {
		return Answer{}, withoutURL(err)
	}
	if len(body) > limit {
		return Answer{}, ErrAnswerTooLarge
	}
	return Answer{Status: response.StatusCode, Body: body}, nil
}

// withoutURL returns what an error says beside the address that was called.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// CloseIdle lets go of connections that nobody uses.
func (c *Client) CloseIdle() {
	c.everybody.CloseIdleConnections()
	c.operator.CloseIdleConnections()
}
