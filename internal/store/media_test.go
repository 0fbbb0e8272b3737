package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestMedia(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		files := db.Media()
		want := map[string]media.File{}
		var ids []string
		for i := range 45 {
			f := media.File{
				ID: fmt.Sprintf("@l%d", i), Organization: 7, AppID: 3, Kind: "image", Name: "图 'é' 🎉.png",
				ContentType: "image/png", Size: 20 << 20, Width: 600, Height: 400, Digest: "d",
				CreatedAt: time.UnixMilli(1_750_000_000_123).UTC(),
			}
			mustNote(t, files, f)
			if err := files.Create(ctx, f); err != nil {
				t.Fatal(err)
			}
			want[f.ID], ids = f, append(ids, f.ID)
		}
		other := want["@l0"]
		other.Organization = 8
		mustNote(t, files, other)
		if err := files.Create(ctx, other); err != nil {
			t.Fatal("the same id in another organization:", err)
		}
		if err := files.Create(ctx, other); !fault.Is(err, fault.CodeConflict) {
			t.Errorf("an upload that is not noted: %v", err)
		}
		mustNote(t, files, other)
		if err := files.Create(ctx, other); !fault.Is(err, fault.CodeConflict) {
			t.Errorf("the same id twice: %v", err)
		}
		for n := range len(ids) + 1 {
			asked := append([]string{"nobody's"}, ids[:n]...)
			found, err := files.ByIDs(ctx, 7, asked)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]media.File{}
			for _, f := range found {
				got[f.ID] = f
			}
			part := map[string]media.File{}
			for _, id := range ids[:n] {
				part[id] = want[id]
			}
			if diff := cmp.Diff(part, got); diff != "" || len(found) != n {
				t.Fatalf("%d asked, %d found\n%s", n, len(found), diff)
			}
		}
		if found, err := files.ByIDs(ctx, 8, ids); err != nil || len(found) != 1 || found[0] != other {
			t.Errorf("another organization sees %v %v", found, err)
		}
		if found, err := files.ByIDs(ctx, 7, nil); err != nil || len(found) != 0 {
			t.Errorf("no ids: %v %v", found, err)
		}
	})
}

func mustNote(t *testing.T, files *store.Media, f media.File) {
	t.Helper()
	if err := files.CreateUpload(context.Background(), f.Organization, f.ID, f.CreatedAt); err != nil {
		t.Fatal(err)
	}
}

// An upload is entered or abandoned, never both.
func TestAbandonedUploads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		files := db.Media()
		at := time.UnixMilli(1_750_000_000_000).UTC()
		for i := range 3 {
			mustNote(t, files, media.File{Organization: 7, ID: fmt.Sprintf("@l%d", i), CreatedAt: at.Add(time.Duration(i) * time.Minute)})
		}
		if err := files.Create(ctx, media.File{Organization: 7, ID: "@l0", CreatedAt: at}); err != nil {
			t.Fatal(err)
		}
		found, err := files.AbandonUploads(ctx, at.Add(2*time.Minute), 10)
		if want := []media.File{{Organization: 7, ID: "@l1"}}; err != nil || !cmp.Equal(found, want) {
			t.Errorf("abandoned %v, %v", found, err)
		}
		if err := files.Create(ctx, media.File{Organization: 7, ID: "@l1", CreatedAt: at}); !fault.Is(err, fault.CodeConflict) {
			t.Errorf("an abandoned upload was entered: %v", err)
		}
		if err := files.DeleteUpload(ctx, 7, "@l1"); err != nil {
			t.Fatal(err)
		}
		if found, err := files.AbandonUploads(ctx, at.Add(2*time.Minute), 10); err != nil || len(found) > 0 {
			t.Errorf("abandoned again: %v, %v", found, err)
		}
		if err := files.Create(ctx, media.File{Organization: 7, ID: "@l2", CreatedAt: at}); err != nil {
			t.Errorf("a young upload: %v", err)
		}
	})
}

// What is asked of files and their contents is found by key.
func TestPlansOfMedia(t *testing.T) {
	t.Parallel()
	const (
		piece  = "sqlite_autoindex_media_piece_1 (organization=? AND media_id=?"
		upload = "sqlite_autoindex_media_upload_1 (organization=? AND id=?)|media_upload_pkey"
		age    = "media_upload_age (created_at<?)|media_upload_age"
	)
	checkPlans(t, store.MediaStatements(), map[string][]any{
		"piece": {1, "@l", 0}, "pieces": {1, "@l"}, "enter": {1, "@l"}, "delete": {1, "@l"}, "abandon": {1}, "abandoned": {1, 10},
	}, map[string][]string{
		"piece": {piece + " AND piece=?)|media_piece_pkey"}, "pieces": {piece + ")|media_piece_pkey"},
		"enter": {upload}, "delete": {upload}, "abandon": {age}, "abandoned": {age},
	})
}
