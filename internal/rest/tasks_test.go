package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// Since when receipts are no longer kept is told of those that are not, where it is known.
func TestWhenReceiptsWereDroppedIsTold(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 5, 1, 2, 3, 4, 0, time.UTC)
	for _, c := range []struct {
		dropped bool
		at      time.Time
		want    string
	}{
		{false, time.Time{}, "null"},
		{false, at, "null"}, // they were dropped after this was read
		{true, time.Time{}, "null"},
		{true, at, `"2027-05-01T02:03:04Z"`},
	} {
		h := newHouse()
		h.dropped, h.droppedAt = c.dropped, c.at
		w := ask(t, h.handler(), http.MethodGet, fmt.Sprint("/api/v1/tasks/", ourTask), ours, "")
		var told struct {
			Dropped bool            `json:"receipts_dropped"`
			At      json.RawMessage `json:"receipts_dropped_at"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || told.Dropped != c.dropped || string(told.At) != c.want {
			t.Errorf("%+v: %v, %s, %v", c, told.Dropped, told.At, err)
		}
	}
}
