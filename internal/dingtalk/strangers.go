package dingtalk

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/tidings-im/tidings/internal/fault"
)

const (
	// strangeUploads and strangeSends are how many bytes of bodies are taken at
	// a time, in temporary files and in memory, before it is known who sends
	// them: 4 uploads, and 16 sends. Bodies of other routes are small.
	strangeUploads = 4 * uploadBody
	strangeSends   = 16 * sendBody
	// strangersWait is how long one more waits for its turn, and strangersTime
	// how long one may take.
	strangersWait = 5 * time.Second
	strangersTime = time.Minute
)

// strangers are callers whose token is not in the query, so that their body has
// to be read to find it. There is room for few large ones at a time.
type strangers struct{ uploads, sends *semaphore.Weighted }

func newStrangers() *strangers {
	return &strangers{uploads: semaphore.NewWeighted(strangeUploads), sends: semaphore.NewWeighted(strangeSends)}
}

// enter waits for room for the body of a call. CodeBusy when there is none for
// too long.
func (s *strangers) enter(c *call) (leave func(), err error) {
	bytes := c.route.maxBody
	if c.r.ContentLength >= 0 && !isPacked(c.r) {
		bytes = min(bytes, c.r.ContentLength)
	}
	if bytes <= smallBody || c.r.Body == nil {
		return func() {}, nil
	}
	room := s.sends
	if c.route.body == multipartBody {
		room = s.uploads
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), strangersWait)
	defer cancel()
	if err := room.Acquire(ctx, bytes); err != nil {
		return nil, fault.New(fault.CodeBusy, "too many bodies are being read whose sender is not known; send access_token in the query").Because(err)
	}
	if c.route.body == multipartBody {
		// The time of known ones is longer. A connection without deadlines is a test's.
		_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(strangersTime))
	}
	return func() { room.Release(bytes) }, nil
}
