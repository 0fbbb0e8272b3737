package server

import (
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	// drainBytes and drainTime are how much of a body nobody wants is read for
	// the client's sake: most clients read no answer before they have sent
	// everything, and one whose connection is closed meanwhile never sees why it
	// was refused.
	drainBytes = 64 << 20
	drainTime  = 10 * time.Second
)

// watched is a request's body that remembers how far it was read.
type watched struct {
	io.ReadCloser
	begun bool
	err   error // that ended it, io.EOF at its end
}

func (b *watched) Read(p []byte) (int, error) {
	b.begun = true
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.err = err
	}
	return n, err
}

// watch puts a watched body into a request, nil if it has none.
func watch(r *http.Request) *watched {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	b := &watched{ReadCloser: r.Body}
	r.Body = b
	return b
}

// drain sends an answer on its way and reads what its request has left of its
// body, within bounds. Who waits to be asked for the body is not asked.
func drain(w *recorder, r *http.Request, body *watched) {
	if body == nil || body.err != nil || r.Header.Get("Expect") != "" && !body.begun {
		return
	}
	// The HTTP server reads some of a body itself before it lets an answer go.
	if err := w.control.SetReadDeadline(time.Now().Add(drainTime)); errors.Is(err, http.ErrNotSupported) {
		return // without an end, rather not
	}
	if w.control.Flush() == nil {
		_, _ = io.CopyN(io.Discard, body, drainBytes) // whatever ends it, the connection ends with it
	}
}
