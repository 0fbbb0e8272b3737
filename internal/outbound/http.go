package outbound

import (
	"io"
	"net/http"
	"net/netip"
	"net/url"
)

// HTTP returns a client for a library that calls by itself, such as one of OpenID
// Connect. Each of its calls keeps the rules of Post: ParseURL decides about the address,
// the address that is dialled is judged, no redirect is followed, a call takes Within at
// most, and reading more than answerLimit bytes of an answer, 0 for the package's limit,
// fails with ErrAnswerTooLarge. byOperator is as in Request. Unlike those of Post, its
// errors hold the URL.
func (c *Client) HTTP(byOperator bool, answerLimit int) *http.Client {
	if answerLimit == 0 {
		answerLimit = AnswerLimit
	}
	client := *c.of(byOperator)
	client.Transport = &guarded{client: c, next: client.Transport, byOperator: byOperator, limit: answerLimit}
	client.Timeout = Within
	return &client
}

// guarded puts the rules before and after each call of a transport.
type guarded struct {
	client     *Client
	next       http.RoundTripper
	byOperator bool
	limit      int
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	u, err := g.client.mayCall(r.URL.String(), g.byOperator)
	if err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // what RoundTrip owes its caller
		}
		return nil, err
	}
	asked := r.Clone(r.Context())
	asked.URL = u
	asked.Header.Set("User-Agent", userAgent)
	response, err := g.next.RoundTrip(asked)
	if err != nil {
		return nil, err
	}
	response.Body = &bounded{response.Body, int64(g.limit)}
	return response, nil
}

// bounded is an answer of which no more than so many bytes are read.
type bounded struct {
	io.ReadCloser
	left int64
}

// Read asks for one byte more than may be, which tells an answer that is too long from
// one that ends there.
func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n + int(b.left), ErrAnswerTooLarge
	}
	return n, err
}

// mayCall reads an address and refuses one that nobody may dial. A literal address is
// judged as it is written: dialling would change its form. What a name leads to is judged
// as it is dialled.
func (c *Client) mayCall(address string, byOperator bool) (*url.URL, error) {
	u, err := ParseURL(address)
	if err != nil {
		return nil, err
	}
	if literal, err := netip.ParseAddr(u.Hostname()); err == nil {
		if err := c.allowed.refuse("", literal, byOperator); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// of returns the client whose connections belong to who named the address.
func (c *Client) of(byOperator bool) *http.Client {
	if byOperator {
		return c.operator
	}
	return c.everybody
}
