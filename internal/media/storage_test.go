package media_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/media/s3"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

const anID = "@labcdefghijklmnopqrstuvwxyz"

// Whatever part of a content is read, in whatever order, it is the same.
func TestContentsAreReadInParts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		ctx := context.Background()
		random := rand.New(rand.NewPCG(1, 2))
		for _, size := range []int{1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 700_000} {
			content := make([]byte, size)
			for i := range content {
				content[i] = byte(random.Uint32())
			}
			if err := f.storage.Create(ctx, 7, anID, bytes.NewReader(content), int64(size)); err != nil {
				t.Fatal(err)
			}
			r, err := f.storage.Open(ctx, 7, anID, int64(size))
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(r, content[:size]); err != nil && size < 1000 {
				t.Errorf("%d bytes: %v", size, err)
			}
			for range 20 {
				from := random.IntN(size)
				to := from + random.IntN(size-from) + 1
				if _, err := r.Seek(int64(from), io.SeekStart); err != nil {
					t.Fatal(err)
				}
				part := make([]byte, to-from)
				if _, err := io.ReadFull(r, part); err != nil || !bytes.Equal(part, content[from:to]) {
					t.Fatalf("bytes %d to %d of %d: %v", from, to, size, err)
				}
			}
			if at, err := r.Seek(0, io.SeekEnd); err != nil || at != int64(size) {
				t.Errorf("the end is at %d, %v", at, err)
			}
			if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("behind the end: %d, %v", n, err)
			}
			if _, err := r.Seek(-1, io.SeekStart); err == nil {
				t.Error("before the beginning")
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			if err := f.storage.Remove(ctx, 7, anID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestContentsOfOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		ctx := context.Background()
		if err := f.storage.Create(ctx, 7, anID, strings.NewReader("ours"), 4); err != nil {
			t.Fatal(err)
		}
		for _, organization := range []int64{8, 70} {
			if _, err := f.storage.Open(ctx, organization, anID, 4); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("organization %d: %v", organization, err)
			}
			if err := f.storage.Remove(ctx, organization, anID); err != nil {
				t.Errorf("removing what is not there: %v", err)
			}
		}
		if len(f.kept(t)) != 1 {
			t.Error("another organization has removed it")
		}
	})
}

// An upload that was interrupted cannot be reached, and is swept after an hour;
// whoever comes after that with its row is refused.
func TestSweeping(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		ctx := context.Background()
		whole := f.mustUpload(t, "file", "a.pdf", "%PDF-1")
		for _, id := range []string{anID, "@lzz" + anID[4:]} {
			if err := f.rows.CreateUpload(ctx, 7, id, noon); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.storage.Create(ctx, 7, anID, strings.NewReader("half"), 4); err != nil {
			t.Fatal(err)
		}
		_, _, err := f.open(ctx, 7, anID)
		wantCode(t, err, fault.CodeNotFound)
		f.pass(59 * time.Minute)
		if err := f.Sweep(ctx); err != nil || len(f.kept(t)) != 2 || len(f.rows.notes) != 2 {
			t.Fatalf("within the hour: %v, %v", f.kept(t), err)
		}
		f.pass(2 * time.Minute)
		stop := storetest.Run(t, f.Run)
		until(t, func() bool {
			f.rows.mu.Lock()
			defer f.rows.mu.Unlock()
			return len(f.rows.notes) == 0
		})
		stop()
		if got := f.kept(t); len(got) != 1 || !strings.HasSuffix(got[0], whole.ID) {
			t.Errorf("after sweeping: %v", got)
		}
		wantCode(t, f.rows.Create(ctx, media.File{ID: anID, Organization: 7}, media.Quota{}), fault.CodeConflict)
	})
}

func until(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never happened")
		}
	}
}

// Whoever starts with a bucket that cannot be used is told why, and no secret.
func TestBucketsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	t.Cleanup(server.Close)
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(refusing.Close)
	keys := credentials.NewStaticV4("key", "hunter2", "")
	for _, c := range []struct {
		address string
		keys    *credentials.Credentials
		want    string
	}{
		{server.URL + "/none?path-style=true&region=eu-1", keys, "there is no bucket none at " + server.URL},
		{refusing.URL + "/files?path-style=true&region=eu-1", keys, "the bucket files at " + refusing.URL + " may not be used"},
		{"http://127.0.0.1:1/files?path-style=true&region=eu-1", keys, "the bucket files at http://127.0.0.1:1 cannot be reached"},
		{server.URL + "/files", credentials.NewStaticV4("", "", ""), "no credentials for the bucket files"},
	} {
		l, err := s3.ParseLocation(c.address)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s3.Open(context.Background(), l, c.keys)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", c.address, err, c.want)
		}
	}
}

// A storage that went away makes uploads fail, with a fault that says so, and
// leaves a note of what may be there.
func TestABucketThatWentAway(t *testing.T) {
	t.Parallel()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	l, err := s3.ParseLocation(server.URL + "/files?path-style=true&region=eu-1")
	if err != nil {
		t.Fatal(err)
	}
	bucket, err := s3.Open(context.Background(), l, credentials.NewStaticV4("key", "secret", ""))
	if err != nil {
		t.Fatal(err)
	}
	f := newFixtureOn(bucket)
	file := f.mustUpload(t, "file", "a.pdf", "%PDF-1")
	server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second) // the library tries again for long
	defer cancel()
	_, err = f.Upload(ctx, media.Upload{Organization: 7, Kind: "file", Name: "b.pdf", Content: strings.NewReader("%PDF-2")})
	if err == nil || len(f.rows.files) != 1 || len(f.rows.notes) != 1 {
		t.Errorf("%v, %d files, %d notes", err, len(f.rows.files), len(f.rows.notes))
	}
	if _, _, err := f.open(ctx, 7, file.ID); err == nil {
		t.Error("a content was opened that cannot be read")
	}
}

func TestNothingIsLeftInDrafts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.mustUpload(t, "image", "a.png", mustPNG(t, corners(6, 4)))
	left, err := os.ReadDir(filepath.Join(f.dir, "drafts"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// What lies on a disk from before goes into the new storage, once, and only if
// it is what its row says.
func TestAdopting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f fixture) {
		ctx := context.Background()
		old := newFixture(t)
		content := "%PDF-" + strings.Repeat("0123456789", 40_000)
		one, two := old.mustUpload(t, "file", "a.pdf", content), old.mustUpload(t, "file", "b.pdf", "%PDF-2")
		f.rows.files = []media.File{one}
		if f.dir != "" {
			if n, err := f.Adopt(ctx, old.dir); n != 0 || err != nil || len(old.kept(t)) != 2 {
				t.Errorf("a disk adopted %d, %v", n, err)
			}
			return
		}
		if n, err := f.Adopt(ctx, filepath.Join(old.dir, "none")); n != 0 || err != nil {
			t.Errorf("nothing there: %d, %v", n, err)
		}
		// An earlier call was interrupted.
		if err := f.storage.Create(ctx, 7, one.ID, strings.NewReader(content[:10]), 10); err != nil {
			t.Fatal(err)
		}
		if n, err := f.Adopt(ctx, old.dir); n != 1 || err != nil {
			t.Fatalf("adopted %d, %v", n, err)
		}
		if f.mustRead(t, one) != content {
			t.Error("another content")
		}
		if left := old.kept(t); len(left) != 1 || !strings.HasSuffix(left[0], two.ID) {
			t.Errorf("left %v", left)
		}
		f.rows.files = append(f.rows.files, two)
		path := filepath.Join(old.dir, "7", media.Shard(two.ID), two.ID)
		if err := os.WriteFile(path, []byte("%PDF-3"), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := f.Adopt(ctx, old.dir); n != 0 || err == nil || !strings.Contains(err.Error(), path+" is damaged") {
			t.Errorf("a damaged one: %d, %v", n, err)
		}
	})
}
