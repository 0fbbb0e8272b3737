package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
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
			if err := files.Create(ctx, f, media.Quota{}); err != nil {
				t.Fatal(err)
			}
			want[f.ID], ids = f, append(ids, f.ID)
		}
		other := want["@l0"]
		other.Organization = 8
		mustNote(t, files, other)
		if err := files.Create(ctx, other, media.Quota{}); err != nil {
			t.Fatal("the same id in another organization:", err)
		}
		if err := files.Create(ctx, other, media.Quota{}); !fault.Is(err, fault.CodeConflict) {
			t.Errorf("an upload that is not noted: %v", err)
		}
		mustNote(t, files, other)
		if err := files.Create(ctx, other, media.Quota{}); !fault.Is(err, fault.CodeConflict) {
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

func mustNote(t *testing.T, files media.Store, f media.File) {
	t.Helper()
	if err := files.CreateUpload(context.Background(), f.Organization, f.ID, f.CreatedAt); err != nil {
		t.Fatal(err)
	}
}

// An upload is entered or abandoned, never both.
func TestAbandonedUploads(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		files := db.Media()
		at := time.UnixMilli(1_750_000_000_000).UTC()
		for i := range 3 {
			mustNote(t, files, media.File{Organization: 7, ID: fmt.Sprintf("@l%d", i), CreatedAt: at.Add(time.Duration(i) * time.Minute)})
		}
		if err := files.Create(ctx, media.File{Organization: 7, ID: "@l0", CreatedAt: at}, media.Quota{}); err != nil {
			t.Fatal(err)
		}
		found, err := files.AbandonUploads(ctx, at.Add(2*time.Minute), 10)
		if want := []media.File{{Organization: 7, ID: "@l1"}}; err != nil || !cmp.Equal(found, want) {
			t.Errorf("abandoned %v, %v", found, err)
		}
		if err := files.Create(ctx, media.File{Organization: 7, ID: "@l1", CreatedAt: at}, media.Quota{}); !fault.Is(err, fault.CodeConflict) {
			t.Errorf("an abandoned upload was entered: %v", err)
		}
		if err := files.DeleteUpload(ctx, 7, "@l1"); err != nil {
			t.Fatal(err)
		}
		if found, err := files.AbandonUploads(ctx, at.Add(2*time.Minute), 10); err != nil || len(found) > 0 {
			t.Errorf("abandoned again: %v, %v", found, err)
		}
		if err := files.Create(ctx, media.File{Organization: 7, ID: "@l2", CreatedAt: at}, media.Quota{}); err != nil {
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
		usage  = "sqlite_autoindex_media_usage_1 (organization=?|media_usage_pkey"
	)
	checkPlans(t, store.MediaStatements(), map[string][]any{
		"piece": {1, "@l", 0}, "pieces": {1, "@l"}, "enter": {1, "@l"}, "delete": {1, "@l"}, "abandon": {1}, "abandoned": {1, 10},
		"usage": {1, 2}, "usage add": {1, 2, 3, 4}, "by id": {1, "@1", "@2", "@3", "@4", "@5", "@6", "@7", "@8"},
	}, map[string][]string{
		"piece": {piece + " AND piece=?)|media_piece_pkey"}, "pieces": {piece + ")|media_piece_pkey"},
		"enter": {upload}, "delete": {upload}, "abandon": {age}, "abandoned": {age},
		"usage": {usage}, "usage add": {"|Conflict Arbiter Indexes: media_usage_pkey"},
		"by id": {"sqlite_autoindex_media_1 (organization=? AND id=?)|media_pkey"},
	})
}

// Every statement of deleting files, as TestPlansOfTheInbox.
func TestPlansOfDeletingFiles(t *testing.T) {
	t.Parallel()
	of := func(first ...any) []any { return append(first, "@1", "@2", "@3", "@4", "@5", "@6", "@7", "@8") }
	file := "sqlite_autoindex_media_1 (organization=? AND id=?)|media_pkey"
	checkPlans(t, store.FileDeletingStatements(), map[string][]any{
		"scanned": {1}, "sent": {1, 7, 500}, "files": {1, "@l", 500}, "icons": {1}, "forms": {1},
		"ending": of(1, 7), "sizes": of(1), "delete": of(1), "uses over": of(1),
	}, map[string][]string{
		"scanned": {"sqlite_autoindex_media_scan_1|media_scan_pkey"},
		"sent":    {"task_revision (organization=? AND revision>?)|task_revision"},
		"files": {
			"sqlite_autoindex_media_1 (organization=? AND id>?)|media_pkey",
			"sqlite_autoindex_media_use_1 (organization=? AND media_id=?)|media_use_pkey", "sqlite_autoindex_task_1|task_pkey",
		},
		"icons":  {"sqlite_autoindex_app_2 (organization=?)|app_pkey"},
		"forms":  {"sqlite_autoindex_template_version_1 (organization=?)|template_version_pkey"},
		"ending": {file}, "sizes": {file}, "delete": {file},
		"uses over": {"sqlite_autoindex_media_use_1 (organization=? AND media_id=?)|media_use_pkey"},
	})
}

// However many uploads are entered at the same time, not one byte more is kept
// than may be: of an app, and of all apps together.
func TestQuotaIsExact(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		ctx, files := context.Background(), db.Media()
		quota := media.Quota{All: 100, OfApp: 60}
		var running sync.WaitGroup
		var entered [3]atomic.Int64
		for i := range 30 {
			running.Go(func() {
				f := media.File{ID: fmt.Sprintf("@l%d", i), Organization: 7, AppID: 1 + int64(i%2), Size: 10, CreatedAt: time.UnixMilli(1)}
				if err := files.CreateUpload(ctx, 7, f.ID, f.CreatedAt); err != nil {
					t.Error(err)
					return
				}
				switch err := files.Create(ctx, f, quota); {
				case err == nil:
					entered[f.AppID].Add(f.Size)
				case !fault.Is(err, fault.CodeUploadQuota):
					t.Error(err)
				}
			})
		}
		running.Wait()
		one, two := entered[1].Load(), entered[2].Load()
		if one+two != 100 || one > 60 || two > 60 {
			t.Errorf("entered %d and %d bytes", one, two)
		}
		if all, ofApp, err := files.Usage(ctx, 7, 1); err != nil || all != 100 || ofApp != one {
			t.Errorf("usage %d, %d, %v", all, ofApp, err)
		}
		large := media.File{ID: "@lx", Organization: 8, AppID: 1, Size: 61, CreatedAt: time.UnixMilli(1)}
		mustNote(t, files, large)
		if err := files.Create(ctx, large, quota); !fault.Is(err, fault.CodeUploadQuota) {
			t.Errorf("a first file that is too much: %v", err)
		}
		if err := files.Create(ctx, large, media.Quota{}); err != nil {
			t.Errorf("where there is no limit: %v", err)
		}
	})
}

// How much is kept follows what is deleted, and is corrected where a node that
// does not count has entered files.
func TestUsageFollowsFiles(t *testing.T) {
	t.Parallel()
	storetest.OnBoth(t, func(t *testing.T, db *store.DB) {
		ctx, files, deleting := context.Background(), db.Media(), db.Retention()
		want := func(when string, all, ofApp int64) {
			t.Helper()
			if a, o, err := files.Usage(ctx, 7, 1); err != nil || a != all || o != ofApp {
				t.Errorf("%s: %d and %d bytes, %v; want %d and %d", when, a, o, err, all, ofApp)
			}
		}
		for i, app := range []int64{1, 1, 2} {
			f := media.File{ID: fmt.Sprintf("@l%d", i), Organization: 7, AppID: app, Size: 10, CreatedAt: time.UnixMilli(1)}
			mustNote(t, files, f)
			if err := files.Create(ctx, f, media.Quota{}); err != nil {
				t.Fatal(err)
			}
		}
		want("three files", 30, 20)
		if n, err := deleting.DeleteFiles(ctx, 7, []string{"@l0", "@l2", "nobody's"}); err != nil || n != 2 {
			t.Fatalf("deleted %d, %v", n, err)
		}
		want("one is left", 10, 10)
		if found, err := files.AbandonUploads(ctx, time.UnixMilli(2), 10); err != nil || len(found) != 2 {
			t.Errorf("contents to be removed: %v, %v", found, err)
		}
		if err := store.Miscount(ctx, db, 7); err != nil {
			t.Fatal(err)
		}
		want("wrong", 1010, 1010)
		if err := deleting.CorrectUsage(ctx, 7); err != nil {
			t.Fatal(err)
		}
		want("corrected", 10, 10)
	})
}
