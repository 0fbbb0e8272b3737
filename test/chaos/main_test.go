package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }

// setting reads a number from the environment. Without one it is short for
// `go test -short`, and standard otherwise.
func setting(tb testing.TB, name string, standard, short int) int {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" && testing.Short() {
		return short
	}
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		tb.Fatalf("%s=%q is no number above 0", name, text)
	}
	return n
}

// long leaves out a test that `make test` has no time for. `make test-all` runs it.
func long(tb testing.TB) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("takes long: make test-all runs it")
	}
}

// untried fails when the load held nobody back for a reason. With -short it is so
// little that a slow machine may not get there.
func untried(tb testing.TB, reason string) {
	tb.Helper()
	if testing.Short() {
		tb.Logf("nobody was held back for %s", reason)
		return
	}
	tb.Errorf("nobody was held back for %s: the load did not try every rule", reason)
}

// seed is what this run's choices come from.
func seed(tb testing.TB) uint64 {
	tb.Helper()
	now := int(time.Now().UnixNano()%1_000_000_000) + 1
	s := uint64(setting(tb, "TIDINGS_CHAOS_SEED", now, now))
	tb.Logf("TIDINGS_CHAOS_SEED=%d", s)
	return s
}

func random(seed uint64, stream int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(stream))) }

// report fails with the first complaints.
func report(tb testing.TB, what string, complaints []string) {
	tb.Helper()
	const most = 10
	for i, c := range complaints {
		if i == most {
			tb.Errorf("%s: and %d more", what, len(complaints)-most)
			return
		}
		tb.Errorf("%s: %s", what, c)
	}
}

func say(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
