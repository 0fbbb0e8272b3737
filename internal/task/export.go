package task

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/policy"
)

const (
	// exportsAtOnce is how many exports a node writes at the same time: each holds
	// its people in memory until the last of them has left.
	exportsAtOnce = 4
	// exportRetry is when whoever is refused for that is told to come again: the largest
	// takes some seconds.
	exportRetry = 5 * time.Second
	// exportPiece is how many people are handed over at once.
	exportPiece = 1000
)

// Format is what an export is written as.
type Format struct {
	Name    string // in the audit log
	MaxRows int    // how many people it has room for; 0 for any number
}

// Export is everybody of a list who was asked for. It must be closed.
type Export struct {
	Rows int
	// People are they, in pieces of at most a thousand, in the order of Recipients. A
	// piece is overwritten by the next one.
	People iter.Seq[[]Recipient]
	Close  func()
}

// Export returns everybody of a list who is asked for, as it is at this moment, to be
// written as a format: recipients.read. The audit log has it before anything leaves.
// Fails as Recipients, with CodeBusy and when to come again while four others are being
// written, and with CodeParameterInvalid where the format has no room for them.
func (s *Service) Export(ctx context.Context, g policy.Grant, t Task, q RecipientQuery, format Format) (*Export, error) {
	select {
	case s.exports <- struct{}{}:
	default:
		return nil, fault.New(fault.CodeBusy, "%d exports are being written, which is the limit; try again in %d seconds", exportsAtOnce, exportRetry/time.Second).
			WithRetryAfter(exportRetry)
	}
	e := &Export{Close: func() { <-s.exports }}
	if err := s.export(ctx, g, t, q, format, e); err != nil {
		e.Close()
		return nil, fmt.Errorf("task.Export: %w", err)
	}
	return e, nil
}

// CountExport returns how many people Export would return, and fails as Export does, but
// for CodeBusy. Nothing leaves, so the audit log has nothing of it.
func (s *Service) CountExport(ctx context.Context, g policy.Grant, t Task, q RecipientQuery, format Format) (int, error) {
	_, rows, err := s.chooseFor(ctx, g, t, q, format)
	if err != nil {
		return 0, fmt.Errorf("task.CountExport: %w", err)
	}
	return rows, nil
}

// chooseFor decides who is meant, and how many they are. Fails where the format has no
// room for them.
func (s *Service) chooseFor(ctx context.Context, g policy.Grant, t Task, q RecipientQuery, format Format) (c *chosen, rows int, err error) {
	c, err = s.choose(ctx, g, t, q)
	if err != nil {
		return nil, 0, err
	}
	rows = c.page().Matched
	if format.MaxRows > 0 && rows > format.MaxRows {
		return nil, 0, fault.New(fault.CodeParameterInvalid, "there are %d people; the limit of %s is %d", rows, format.Name, format.MaxRows).
			WithField("format").WithLimit(int64(format.MaxRows), int64(rows))
	}
	return c, rows, nil
}

func (s *Service) export(ctx context.Context, g policy.Grant, t Task, q RecipientQuery, format Format, e *Export) (err error) {
	c, rows, err := s.chooseFor(ctx, g, t, q, format)
	if err != nil {
		return err
	}
	e.Rows = rows
	var receipts []Receipt
	if q.List == ListRead {
		if receipts, err = s.Store.Receipts(ctx, t.Organization, t.TaskID); err != nil {
			return err
		}
	}
	e.People = c.people(receipts)
	details := audit.Details{"list": string(q.List), "rows": e.Rows, "format": format.Name}
	if q.Text != "" {
		details["searched"] = true // for what may be a name
	}
	if q.DeptID != 0 {
		details["dept_id"] = q.DeptID
	}
	return s.AuditLog.Record(ctx, audit.Entry{
		Organization: t.Organization, At: s.Now(), By: g.By(), Action: audit.ResultExport, Subject: audit.TaskSubject(t.TaskID), Details: details,
	})
}

// people are those who were asked for. receipts are of ListRead, in the order of
// ordinals.
func (c *chosen) people(receipts []Receipt) iter.Seq[[]Recipient] {
	if c.list == ListInvalid {
		return slices.Chunk(c.invalid, exportPiece)
	}
	return func(yield func([]Recipient) bool) {
		ordinals := make([]uint32, exportPiece)
		people := make([]Recipient, 0, exportPiece)
		receipts := receipts
		some := c.matched.ManyIterator()
		for n := some.NextMany(ordinals); n > 0; n = some.NextMany(ordinals) {
			people = people[:0]
			for _, ordinal := range ordinals[:n] {
				r := c.recipient(ordinal)
				for len(receipts) > 0 && receipts[0].Ordinal < ordinal {
					receipts = receipts[1:]
				}
				if len(receipts) > 0 && receipts[0].Ordinal == ordinal {
					r.ReadAt = receipts[0].At
				}
				people = append(people, r)
			}
			if !yield(people) {
				return
			}
		}
	}
}
