package store_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	_ "github.com/jackc/pgx/v5/stdlib" // fills the disk as another session would

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/test/harness"
)

// A PostgreSQL that reports a full disk refuses sends clean, says that it has
// no room, and is asked again by itself.
func TestPostgreSQLWithoutRoom(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	address := storetest.Ready(t, "postgres")
	db := storetest.At(t, address, nil)
	other, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	exec := func(text string) {
		t.Helper()
		if _, err := other.ExecContext(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`)
	send := func() error {
		return db.Tasks().WriteTasks(ctx, func(ctx context.Context, tx notify.Tx) error {
			return tx.CreateTasks(ctx, []*notify.Task{{Organization: 1, ID: 1, Type: "text", Message: []byte(`{}`), Sent: roaring.New()}})
		})
	}
	if err := db.Ready(ctx); err != nil {
		t.Fatalf("before: %v", err)
	}
	exec("CREATE TRIGGER no_room BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION no_room()")
	if err := send(); !fault.Is(err, fault.CodeStorageFull) {
		t.Errorf("a send without room: %v", err)
	}
	if err := db.Ready(ctx); !fault.Is(err, fault.CodeStorageFull) {
		t.Errorf("ready without room: %v", err)
	}
	exec("DROP TRIGGER no_room ON task")
	err = harness.Poll(30*time.Second, func() (bool, error) { return db.Ready(ctx) == nil, nil })
	if err != nil {
		t.Errorf("it is not asked again: %v", err)
	}
	if err := send(); err != nil {
		t.Errorf("a send with room: %v", err)
	}
}
