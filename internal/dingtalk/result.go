package dingtalk

import (
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"

	"github.com/tidings-im/tidings/internal/notify"
)

// result serves getsendresult (docs/contract.md#result). The lists may name a
// million people: they are written as they come.
func (c *call) result() error {
	agentID, taskID, err := c.askedTask()
	if err != nil {
		return err
	}
	r, err := c.Notifications.Result(c.r.Context(), c.caller, agentID, taskID)
	if err != nil {
		return err
	}
	s := c.newStream()
	s.object.name("send_result")
	s.object.b = append(s.object.b, '{')
	s.users("invalid_user_id_list", slices.Values(r.InvalidUserids))
	s.users("forbidden_user_id_list", heldUsers(r.Held))
	s.users("failed_user_id_list", r.Failed)
	s.users("read_user_id_list", r.Read)
	s.users("unread_user_id_list", r.Unread)
	s.list("invalid_dept_id_list", "number", func(next func() bool) {
		for _, id := range r.InvalidDeptIDs {
			if !next() {
				return
			}
			s.object.b = strconv.AppendInt(s.object.b, id, 10)
		}
	})
	s.list("forbidden_list", "send_forbidden_model", func(next func() bool) { s.held(r.Held, next) })
	s.dropped(r)
	s.object.b = append(s.object.b, '}')
	c.endStream(s)
	return nil
}

// newStream begins an answer that is written piece by piece.
func (c *call) newStream() *stream {
	c.head()
	c.begun = true
	c.w.WriteHeader(http.StatusOK)
	s := &stream{w: c.w, named: c.style == gateway && !c.flat}
	s.object.b = append(make([]byte, 0, streamPiece+4096), '{')
	c.begin(&s.object)
	return s
}

// endStream ends it.
func (c *call) endStream(s *stream) {
	c.end(&s.object)
	s.object.b = append(s.object.b, '}')
	s.flush()
}

// heldUsers yields everyone held back, whatever the reason.
func heldUsers(held []notify.Held) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, h := range held {
			for userid := range h.Users {
				if !yield(userid) {
					return
				}
			}
		}
	}
}

// streamPiece is how many bytes are gathered before they are sent.
const streamPiece = 32 << 10

// stream is an answer written piece by piece.
type stream struct {
	object object
	w      io.Writer
	named  bool  // lists are inside an object, under the name of what they hold
	err    error // the client has gone: no more is asked for
}

func (s *stream) flush() {
	if s.err == nil {
		_, s.err = s.w.Write(s.object.b)
	}
	s.object.b = s.object.b[:0]
}

// list writes a JSON array of what the gateway calls kind. items calls next
// before each one, and ends when next says so.
func (s *stream) list(name, kind string, items func(next func() bool)) {
	s.object.name(name)
	if s.named {
		s.object.b = append(s.object.b, '{')
		s.object.name(kind)
	}
	s.object.b = append(s.object.b, '[')
	first := true
	items(func() bool {
		if !first {
			s.object.b = append(s.object.b, ',')
		}
		first = false
		if len(s.object.b) >= streamPiece {
			s.flush()
		}
		return s.err == nil
	})
	s.object.b = append(s.object.b, ']')
	if s.named {
		s.object.b = append(s.object.b, '}')
	}
}

func (s *stream) users(name string, users iter.Seq[string]) {
	s.list(name, "string", func(next func() bool) {
		for userid := range users {
			if !next() {
				return
			}
			s.object.b = appendString(s.object.b, userid)
		}
	})
}

// joined writes names as one text, with bars between them.
func (s *stream) joined(name string, users iter.Seq[string]) {
	s.object.name(name)
	s.object.b = append(s.object.b, '"')
	first := true
	for userid := range users {
		if len(s.object.b) >= streamPiece {
			s.flush()
		}
		if s.err != nil {
			break
		}
		quoted := appendString(nil, userid)
		if !first {
			s.object.b = append(s.object.b, '|')
		}
		first = false
		s.object.b = append(s.object.b, quoted[1:len(quoted)-1]...)
	}
	s.object.b = append(s.object.b, '"')
}

// dropped says that nobody knows any more who has read it.
func (s *stream) dropped(r notify.Result) {
	if r.Dropped {
		s.object.name("receipts_dropped")
		s.object.b = append(s.object.b, "true"...)
	}
}

func (s *stream) held(held []notify.Held, next func() bool) {
	for _, h := range held {
		for userid := range h.Users {
			if !next() {
				return
			}
			s.object.b = append(s.object.b, '{')
			s.object.text("code", h.Code)
			s.object.int("count", h.Count)
			s.object.text("userid", userid)
			s.object.b = append(s.object.b, '}')
		}
	}
}
