package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"time"
)

// marker is in the text of every message that is sent here.
const marker = "To everybody, round"

// sighting is a message, or the count that follows it, as it came to a client.
type sighting struct {
	round   int
	message bool
	at      time.Time
	err     error
}

// stream is one client: a connection and two small buffers.
type stream struct {
	lines   *bufio.Reader
	seen    chan<- sighting
	round   int
	counted bool // the count of this round came
}

// open connects and returns once the first event is there; a goroutine reads
// the rest and reports to seen.
func open(address, token string, seen chan<- sighting) error {
	const within = time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET /api/v1/inbox/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", address, token); err != nil {
		return err
	}
	const small, line = 512, 2048
	s := &stream{seen: seen, counted: true}
	head := bufio.NewReaderSize(conn, small)
	if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	resp, err := http.ReadResponse(head, nil) //nolint:bodyclose // the connection is read below, and ends with the process
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("stream: %s", resp.Status)
	}
	// The response's own body would keep a second buffer.
	var body io.Reader = head
	if slices.Contains(resp.TransferEncoding, "chunked") {
		body = httputil.NewChunkedReader(head)
	}
	s.lines = bufio.NewReaderSize(body, line)
	name, _, err := s.next()
	if err != nil {
		return err
	}
	if name != "unread" {
		return fmt.Errorf("the first event is %q", name)
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	go func() {
		err := s.read()
		seen <- sighting{err: errors.Join(errors.New("a stream ended"), err)}
	}()
	return nil
}

func (s *stream) read() error {
	for {
		name, marked, err := s.next()
		if err != nil {
			return err
		}
		switch name {
		case "message":
			if !marked || !s.counted {
				return errors.New("a message that was not sent, or twice")
			}
			s.round++
			s.counted = false
			s.seen <- sighting{round: s.round, message: true, at: time.Now()}
		case "unread":
			if !s.counted {
				s.counted = true
				s.seen <- sighting{round: s.round, at: time.Now()}
			}
		case "at", "": // an empty one is a comment
		default:
			return fmt.Errorf("event %q", name)
		}
	}
}

// next reads one event whole: its name, and whether the marker is in it. Of
// longer data than the buffer the beginning is looked at.
func (s *stream) next() (name string, marked bool, err error) {
	for {
		line, err := s.lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			marked = marked || bytes.Contains(line, []byte(marker))
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = s.lines.ReadSlice('\n')
			}
			line = []byte("long\n")
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return "", false, err
		}
		if len(line) == 1 {
			return name, marked, nil
		}
		if event, ok := bytes.CutPrefix(line, []byte("event: ")); ok {
			name = known(event[:len(event)-1])
		} else if bytes.HasPrefix(line, []byte("data: ")) {
			marked = marked || bytes.Contains(line, []byte(marker))
		}
	}
}

// known spares the string of every event.
func known(event []byte) string {
	switch string(event) {
	case "message":
		return "message"
	case "unread":
		return "unread"
	}
	return string(event)
}
