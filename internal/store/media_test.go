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
			if err := files.Create(ctx, f); err != nil {
				t.Fatal(err)
			}
			want[f.ID], ids = f, append(ids, f.ID)
		}
		other := want["@l0"]
		other.Organization = 8
		if err := files.Create(ctx, other); err != nil {
			t.Fatal("the same id in another organization:", err)
		}
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
