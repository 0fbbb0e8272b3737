package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/store/sqlite"
	"github.com/tidings-im/tidings/test/harness"
)

const (
	mib      = 1 << 20
	fullDisk = 96 // MiB: the reserve twice, for what is written in its place, and some
	waitFor  = 30 * time.Second
)

// small is a database with a reserve on a file system of its own.
type small struct {
	*sqlite.Engine
	filler *harness.Filler
	path   string
}

func openSmall(t *testing.T, dir string) *small {
	t.Helper()
	s := &small{filler: harness.NewFiller(dir), path: filepath.Join(dir, "a.db")}
	s.open(t)
	s.must(t, engine.Directory, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS t (a TEXT)")
		return err
	})
	return s
}

func (s *small) open(t *testing.T) {
	t.Helper()
	var err error
	s.Engine, err = sqlite.Open(context.Background(), s.path, sqlite.Options{Fatal: func(err error) { panic(err) }, Reserve: true})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *small) close(t *testing.T) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func (s *small) fill(t *testing.T) {
	t.Helper()
	if err := s.filler.Fill(0); err != nil {
		t.Fatal(err)
	}
}

func (s *small) rows(t *testing.T) []string {
	t.Helper()
	return (&held{Engine: s.Engine}).rows(t)
}

func (s *small) must(t *testing.T, class engine.Class, work engine.Work) {
	t.Helper()
	if err := s.Write(context.Background(), class, work); err != nil {
		t.Fatalf("class %d: %v", class, err)
	}
}

// spend writes until a class is refused, and returns what is left.
func (s *small) spend(t *testing.T, class engine.Class) (reserve int64) {
	t.Helper()
	for deadline := time.Now().Add(waitFor); time.Now().Before(deadline); {
		err := s.Write(context.Background(), class, add(strings.Repeat("x", 200_000)))
		if err == nil {
			continue
		}
		if s.Classify(err) != engine.Full {
			t.Fatalf("class %d: %v", class, err)
		}
		return s.Reserve()
	}
	t.Fatalf("class %d is not refused", class)
	return 0
}

func (s *small) recovers(t *testing.T) {
	t.Helper()
	if err := s.filler.Leave(); err != nil {
		t.Fatal(err)
	}
	if err := harness.Poll(waitFor, func() (bool, error) { return !s.Full(), nil }); err != nil {
		t.Fatalf("the engine does not see that there is room: %v", err)
	}
	if got := s.Reserve(); got != 32*mib {
		t.Errorf("the reserve has %d bytes again", got)
	}
	s.must(t, engine.Sends, add("after"))
}

// Sends spend nothing, what goes on leaves room for recalls, and recalls leave
// room for the next start.
func TestWhoMaySpendTheReserve(t *testing.T) {
	t.Parallel()
	s := openSmall(t, harness.Tmpfs(t, fullDisk))
	s.must(t, engine.Sends, add("before"))
	s.fill(t)
	if left := s.spend(t, engine.Sends); left != 32*mib || !s.Full() {
		t.Errorf("sends leave %d bytes, full: %v", left, s.Full())
	}
	for range 3 {
		s.must(t, engine.Recalls, add("recall"))
		s.must(t, engine.Receipts, add("receipt"))
		s.must(t, engine.Directory, add("token"))
	}
	if left := s.spend(t, engine.Receipts); left != 12*mib {
		t.Errorf("receipts leave %d bytes", left)
	}
	if left := s.spend(t, engine.Directory); left != 12*mib {
		t.Errorf("tokens leave %d bytes", left)
	}
	s.must(t, engine.Recalls, add("recall"))
	if left := s.spend(t, engine.Recalls); left != 2*mib {
		t.Errorf("recalls leave %d bytes", left)
	}
	rows := s.rows(t)
	s.close(t)
	s.open(t)
	if again := s.rows(t); !slices.Equal(again, rows) {
		t.Errorf("%d rows after opening, %d before", len(again), len(rows))
	}
	s.recovers(t)
	s.close(t)
}

// SQLite cannot even read without a byte: a start takes what it needs from the
// reserve.
func TestOpeningOnAFullDisk(t *testing.T) {
	t.Parallel()
	s := openSmall(t, harness.Tmpfs(t, fullDisk))
	s.must(t, engine.Sends, add("before"))
	s.close(t)
	s.fill(t)
	s.open(t)
	if left := s.Reserve(); left >= 32*mib || left < 28*mib || !s.Full() {
		t.Errorf("opened with %d bytes left, full: %v", left, s.Full())
	}
	if rows := s.rows(t); !slices.Equal(rows, []string{"before"}) {
		t.Errorf("rows %v", rows)
	}
	s.must(t, engine.Recalls, add("recall"))
	s.recovers(t)
	s.close(t)
}

// Receipts that ride with a send do not fall with it.
func TestRidersGoOnWhenTheirSendFindsNoRoom(t *testing.T) {
	t.Parallel()
	s := openSmall(t, harness.Tmpfs(t, fullDisk))
	release, holding := make(chan struct{}), make(chan struct{})
	var callers sync.WaitGroup
	callers.Go(func() {
		_ = s.Write(context.Background(), engine.Directory, func(context.Context, engine.Querier) error {
			close(holding)
			<-release
			return nil
		})
	})
	<-holding
	s.fill(t)
	results := make([]error, 5)
	for i := range results {
		class, size := engine.Receipts, mib/2
		if i == 0 {
			class, size = engine.Sends, 3*mib
		}
		callers.Go(func() {
			results[i] = s.Write(context.Background(), class, add(strings.Repeat("y", size)))
		})
	}
	close(release)
	callers.Wait()
	if s.Classify(results[0]) != engine.Full {
		t.Errorf("the send: %v", results[0])
	}
	for _, err := range results[1:] {
		if err != nil {
			t.Errorf("a receipt: %v", err)
		}
	}
	if rows := s.rows(t); len(rows) != 4 {
		t.Errorf("%d rows, want the four receipts", len(rows))
	}
	s.recovers(t)
	s.close(t)
}

// Where there never was room for the reserve nothing is sent, and the rest works.
func TestNoRoomForTheReserve(t *testing.T) {
	t.Parallel()
	s := openSmall(t, harness.Tmpfs(t, 16))
	if !s.Full() || s.Reserve() != 0 {
		t.Errorf("full: %v, reserve %d", s.Full(), s.Reserve())
	}
	if err := s.Write(context.Background(), engine.Sends, add("sent")); s.Classify(err) != engine.Full {
		t.Errorf("a send: %v", err)
	}
	s.must(t, engine.Recalls, add("recalled"))
	s.close(t)
}

// A copy of a directory may have made a hole of the reserve.
func TestTheReserveIsReallyThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "reserve")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 40*mib); err != nil {
		t.Fatal(err)
	}
	s := openSmall(t, dir)
	s.close(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	const block = 512
	if on := info.Sys().(*syscall.Stat_t).Blocks * block; info.Size() != 32*mib || on < 32*mib {
		t.Errorf("the reserve has %d bytes, %d on the disk", info.Size(), on)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the reserve has mode %o", mode)
	}
}

func TestTheReserveMustBeAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "reserve"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.Open(context.Background(), filepath.Join(dir, "a.db"), sqlite.Options{Fatal: func(err error) { panic(err) }, Reserve: true})
	if err == nil || !strings.Contains(err.Error(), "reserve is not a regular file") {
		t.Errorf("a directory in the reserve's place: %v", err)
	}
}
