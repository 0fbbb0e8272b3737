package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

const (
	// piece is the most rows of one transaction.
	piece = 200
	// tries is how often a piece is tried while somebody else holds a row it
	// needs. The database waits before it gives up, so that this is seconds.
	tries = 20

	leaseFor   = time.Minute
	leaseRenew = 20 * time.Second

	// always is the age below which no message is deleted whatever the
	// calendar says: an idempotency key answers for its task that long.
	always = 24 * time.Hour
)

var errLeaseLost = errors.New("another node has taken over")

// work is one sweep.
type work struct {
	*Service
	leased time.Time // when the lease was given last
	oldest time.Time // message seen that stays
}

// lease takes or prolongs the right to delete.
func (w *work) lease(ctx context.Context) (bool, error) {
	now := w.deps.Now()
	mine, err := w.deps.Store.Lease(ctx, w.node, now, now.Add(leaseFor))
	if err != nil {
		return false, fmt.Errorf("retention: lease: %w", err)
	}
	w.leased = now
	return mine, nil
}

// piece runs one transaction until its rows are to be had. Then it rests for as
// long as the transaction took: half of the time belongs to others.
func (w *work) piece(ctx context.Context, run func() error) (err error) {
	if now := w.deps.Now(); now.Sub(w.leased) >= leaseRenew {
		if mine, err := w.lease(ctx); err != nil || !mine {
			return errors.Join(err, errLeaseLost)
		}
	}
	began := time.Now()
	for range tries {
		if err = run(); !fault.Is(err, fault.CodeBusy) || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return err
	}
	rest := time.NewTimer(time.Since(began))
	defer rest.Stop()
	select {
	case <-rest.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// repeat runs pieces until nothing more is to be deleted.
func (w *work) repeat(ctx context.Context, run func() (Deleted, error)) error {
	for {
		var d Deleted
		err := w.piece(ctx, func() (err error) {
			d, err = run()
			return err
		})
		if err != nil {
			return err
		}
		w.deps.Meter.Deleted(d)
		if !d.More {
			return nil
		}
	}
}

func (w *work) organization(ctx context.Context, o Organization) error {
	zone, err := time.LoadLocation(o.TimeZone)
	if err != nil {
		zone = time.UTC // as the directory falls back
	}
	now := w.deps.Now()
	for _, a := range o.Agents {
		if err := w.agent(ctx, o.ID, a, now.In(zone)); err != nil {
			return fmt.Errorf("agent %d: %w", a.ID, err)
		}
	}
	if days := o.Retention.Changes; days != policy.Forever {
		before := now.AddDate(0, 0, -int(days))
		err := w.repeat(ctx, func() (Deleted, error) { return w.deps.Store.DeleteChanges(ctx, o.ID, before, piece) })
		if err != nil {
			return fmt.Errorf("changes: %w", err)
		}
	}
	if err := w.repeat(ctx, func() (Deleted, error) { return w.deps.Store.DeleteStrays(ctx, o.ID, piece) }); err != nil {
		return fmt.Errorf("stray receipts: %w", err)
	}
	if err := w.repeat(ctx, func() (Deleted, error) { return w.deps.Store.DeleteSignIns(ctx, o.ID, now, piece) }); err != nil {
		return fmt.Errorf("sign-ins: %w", err)
	}
	if err := w.audit(ctx, o, now.In(zone)); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	if err := w.files(ctx, o.ID); err != nil {
		return fmt.Errorf("files: %w", err)
	}
	return nil
}

// agent deletes an installation's receipts and messages. Receipts of messages
// that are about to go count as too old as well: their rows are many, and
// while they go the message must not look unread.
func (w *work) agent(ctx context.Context, organization int64, a Agent, now time.Time) error {
	messages, receipts := firstKept(now, a.Retention.Messages), firstKept(now, a.Retention.Receipts)
	if day := max(messages, receipts); day > 0 {
		var floor int64
		err := w.piece(ctx, func() (err error) {
			floor, err = w.deps.Store.RaiseReceiptsFloor(ctx, organization, a, day, now)
			return err
		})
		if err != nil {
			return fmt.Errorf("floor of receipts: %w", err)
		}
		if err := w.receipts(ctx, organization, a, day, floor); err != nil {
			return fmt.Errorf("receipts: %w", err)
		}
		if messages > 0 {
			b := Bounds{Day: messages, Revision: floor, Accepted: now.Add(-always)}
			err := w.repeat(ctx, func() (Deleted, error) { return w.deps.Store.DeleteMessages(ctx, organization, a.ID, b, piece) })
			if err != nil {
				return fmt.Errorf("messages: %w", err)
			}
		}
	}
	oldest, err := w.deps.Store.Oldest(ctx, organization, a.ID)
	if err != nil {
		return fmt.Errorf("oldest message: %w", err)
	}
	if !oldest.IsZero() && (w.oldest.IsZero() || oldest.Before(w.oldest)) {
		w.oldest = oldest
	}
	return nil
}

// receipts deletes those of tasks below the floor, beginning where an earlier
// sweep came to.
func (w *work) receipts(ctx context.Context, organization int64, a Agent, day, floor int64) error {
	after := Place{Day: a.ReceiptsSwept}
	for {
		tasks, err := w.deps.Store.Tasks(ctx, organization, a.ID, after, day, floor, piece)
		if err != nil {
			return err
		}
		ids := make([]int64, len(tasks))
		for i, t := range tasks {
			ids[i] = t.TaskID
		}
		err = w.repeat(ctx, func() (Deleted, error) {
			deleted, finished, err := w.deps.Store.DeleteReceipts(ctx, organization, ids, piece)
			ids = ids[finished:]
			return Deleted{Receipts: deleted, More: len(ids) > 0}, err
		})
		if err != nil {
			return err
		}
		if len(tasks) < piece {
			break
		}
		after = tasks[len(tasks)-1]
	}
	// The last day is looked at again next time: somebody may have been reading
	// one of its messages while the floor was raised.
	swept := dayBefore(day)
	if swept <= a.ReceiptsSwept {
		return nil
	}
	return w.piece(ctx, func() error { return w.deps.Store.MarkSwept(ctx, organization, a.ID, swept) })
}

// audit deletes what is too old of an organization's audit log, and what an
// earlier sweep left of what was.
func (w *work) audit(ctx context.Context, o Organization, now time.Time) error {
	var before time.Time
	if days := o.Retention.Audit; days != policy.Forever {
		year, month, day := now.AddDate(0, 0, -max(int(days), 1)).Date()
		before = time.Date(year, month, day, 0, 0, 0, 0, now.Location())
		err := w.piece(ctx, func() error { return w.deps.Store.TrimAudit(ctx, o.ID, before, w.deps.Now()) })
		if err != nil {
			return fmt.Errorf("floor: %w", err)
		}
	}
	return w.repeat(ctx, func() (Deleted, error) { return w.deps.Store.DeleteAudit(ctx, o.ID, before, piece) })
}

// firstKept returns the first day, yyyymmdd, of which things are kept; 0 is
// the first of all.
func firstKept(now time.Time, days policy.Days) int64 {
	if days == policy.Forever {
		return 0
	}
	return dayOf(now.AddDate(0, 0, -max(int(days), 1)))
}

func dayOf(t time.Time) int64 {
	year, month, day := t.Date()
	return int64(year*10000 + int(month)*100 + day)
}

// dayBefore returns the day before one.
func dayBefore(day int64) int64 {
	return dayOf(time.Date(int(day/10000), time.Month(day/100%100), int(day%100)-1, 0, 0, 0, 0, time.UTC))
}
