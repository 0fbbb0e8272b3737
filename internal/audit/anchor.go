package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"
)

// Anchor is where a log stood at some moment, noted outside of the database:
// whoever takes the newest entries away together with the head cannot take that
// along.
type Anchor struct {
	Organization int64  `json:"organization"` // 0 for the installation's log
	CorpID       string `json:"corp_id,omitempty"`
	N            int64  `json:"n"`    // the newest entry, 0 of an empty log
	Code         string `json:"code"` // its code in hexadecimal digits
}

// Compare completes a report that found nothing wrong: it is wrong where the log
// ends before the anchor, or has another entry there. Where that entry was deleted by
// a retention rule, nothing can be said.
func (l *Log) Compare(ctx context.Context, r Report, a Anchor) (Report, error) {
	if r.Wrong != 0 || a.N == 0 {
		return r, nil
	}
	if r.Head < a.N {
		r.Wrong, r.Why = r.Head+1, fmt.Sprintf("it is missing: the log had %d entries", a.N)
		return r, nil
	}
	if a.N < r.From {
		return r, nil
	}
	err := l.Store.AuditRows(ctx, a.Organization, a.N-1, 1, func(row *Row, _ *Private) bool {
		if row.N != a.N || hex.EncodeToString(row.MAC) != a.Code {
			r.Wrong, r.Why = a.N, "it, or one before it, is another than it was then"
		}
		return false
	})
	if err != nil {
		return r, fmt.Errorf("audit.Compare: %w", err)
	}
	return r, nil
}

// Heads tells where logs stand; see Store.
type Heads interface {
	AuditHeads(ctx context.Context) (map[int64]Head, error)
}

// anchorEvery is how often heads are noted in the server's log.
const anchorEvery = time.Hour

// Noter notes in the server's log where the audit logs stand.
type Noter struct {
	Heads Heads
	Log   *slog.Logger
}

// Run notes the heads at once and every hour those that have moved, until ctx ends.
func (n Noter) Run(ctx context.Context) {
	tick := time.NewTicker(anchorEvery)
	defer tick.Stop()
	noted := map[int64]int64{}
	for {
		if err := n.note(ctx, noted); err != nil && ctx.Err() == nil {
			n.Log.Warn("audit: where the logs stand cannot be noted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (n Noter) note(ctx context.Context, noted map[int64]int64) error {
	heads, err := n.Heads.AuditHeads(ctx)
	if err != nil {
		return err
	}
	for _, organization := range slices.Sorted(maps.Keys(heads)) {
		h := heads[organization]
		if h.N == noted[organization] {
			continue
		}
		noted[organization] = h.N
		n.Log.Info("audit head", "organization", organization, "n", h.N, "code", hex.EncodeToString(h.MAC))
	}
	return nil
}
