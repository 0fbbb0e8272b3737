package server

import (
	"net/http"
	"sync/atomic"
	"time"
)

// recorder remembers how a request was answered and keeps a slow reader from
// holding a handler for ever: every write has writeTime to get through. It
// passes Flush and the deadlines on through Unwrap.
type recorder struct {
	http.ResponseWriter
	control *http.ResponseController
	stream  bool // an event stream sets its own deadlines
	leaving *atomic.Bool
	status  int
	bytes   int64
}

const writeTime = 30 * time.Second

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.begin(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.begin(http.StatusOK)
	}
	w.extend()
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// begin comes before the first byte of an answer. A node that leaves ends each
// connection with an answer: closing one that waits for its next request would
// now and then meet that request on its way.
func (w *recorder) begin(status int) {
	w.status = status
	if w.leaving.Load() {
		w.Header().Set("Connection", "close")
	}
}

// extend gives the next write its time. A connection that cannot have
// deadlines is one of a test; there is nothing to do about it.
func (w *recorder) extend() {
	if !w.stream {
		_ = w.control.SetWriteDeadline(time.Now().Add(writeTime))
	}
}
