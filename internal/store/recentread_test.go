package store_test

import (
	"strings"
	"testing"

	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// Looking for what others have read, and deleting it, finds its rows by the
// number of the transaction.
func TestPlansOfRecentReads(t *testing.T) {
	t.Parallel()
	address := storetest.Ready(t, "postgres")
	storetest.At(t, address, nil)
	s := storetest.NewSender(t, address)
	for name, text := range store.RecentReadStatements() {
		args := map[string][]any{"recent": {100, 1, 5000}, "forget": {100}}[name]
		plan := s.Plan(text, args...)
		if !strings.Contains(plan, "recent_read_pkey") || !strings.Contains(plan, "Index Cond: (xact") &&
			!strings.Contains(plan, "Index Cond: (r.xact") || planSorts.MatchString(plan) {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}
