package masterkey

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
)

// Dropped is what Drop has done.
type Dropped struct {
	Keys        []int // that nothing is left of
	EndedTokens int
}

// Drop ends the old keys: they are marked as dropped on record, and then
// taken out of the key file. It may be interrupted and called again, and then
// does what is left. Fails with CodeConflict while something is stored that needs
// one of them: a secret or a ticket that Switch has not come to, or an access
// token that lives, unless endTokens ends those.
func (s *Rotation) Drop(ctx context.Context, by audit.By, endTokens bool) (Dropped, error) {
	var done Dropped
	record, err := s.Store.Keys(ctx)
	if err == nil && len(record.In(PhaseOld)) > 0 {
		done.EndedTokens, err = s.freeKeys(ctx, by, record, endTokens)
	}
	if err == nil {
		// Only what was looked at: meanwhile another key may have come into use, and
		// others have become old.
		freed := goneBy(record)
		done.Keys, err = s.drop(ctx, by, audit.KeyDrop, func(r Record) []int {
			return slices.DeleteFunc(goneBy(r), func(number int) bool { return !slices.Contains(freed, number) })
		})
	}
	if err != nil {
		return done, fmt.Errorf("masterkey.Drop: %w", err)
	}
	record = s.Ring.Record()
	removed, err := s.removeKeys(func(number int) bool { return record.Phase(number) == PhaseDropped })
	if err != nil {
		return done, fmt.Errorf("masterkey.Drop: the key is dropped, and still in the file: %w", err)
	}
	done.Keys = union(done.Keys, removed)
	return done, nil
}

// goneBy are the keys that another one has taken the place of: old ones, and
// those that were added and never used.
func goneBy(r Record) []int {
	numbers := r.In(PhaseOld)
	for _, n := range r.In(PhaseAdded) {
		if n < r.InUse {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// freeKeys makes sure that nothing needs the old keys any more. Nothing new can,
// since what is written must be of the key in use.
func (s *Rotation) freeKeys(ctx context.Context, by audit.By, record Record, endTokens bool) (ended int, err error) {
	old := record.In(PhaseOld)
	now := s.now()
	use, err := s.oldUse(ctx, record)
	if err != nil {
		return 0, err
	}
	switch {
	case use.Secrets+use.Tickets > 0:
		return 0, fault.New(fault.CodeConflict, "%d app secrets and %d suite tickets are still encrypted with %s: run tidings admin key rotate, which goes on where it was interrupted",
			use.Secrets, use.Tickets, keyList(old))
	case use.Tokens > 0 && !endTokens:
		return 0, fault.New(fault.CodeConflict, "%d access tokens of %s live until %s: run this again then, or end them now with --end-tokens; apps take new ones by themselves",
			use.Tokens, keyList(old), use.TokensUntil.Format(time.RFC3339)).WithRetryAfter(use.TokensUntil.Sub(now))
	case use.Tokens == 0:
		return 0, nil
	}
	err = s.Store.RecordKeys(ctx, s.entry(by, audit.KeyTokensEnd, old[len(old)-1], audit.Details{"keys": old, "tokens": use.Tokens}))
	for err == nil {
		var n int
		n, err = s.Store.EndTokensNotOf(ctx, record.InUse, now, endPiece)
		if ended += n; n == 0 {
			break
		}
	}
	return ended, err
}

// endPiece is how many tokens end in one transaction.
const endPiece = 100
