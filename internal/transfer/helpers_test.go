package transfer_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/store"
	"github.com/tidings-im/tidings/internal/store/copier"
	"github.com/tidings-im/tidings/internal/store/storetest"
	"github.com/tidings-im/tidings/internal/transfer"
)

// installation is one that has an organization, uploaded files and keys.
type installation struct {
	transfer.Place
	dir     string
	keyFile string
	keys    *masterkey.Ring
	files   []media.File
}

func quiet(string, string, int64) {}

// newPlace is an empty one.
func newPlace(t *testing.T, engine string) installation {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	at := installation{dir: dir, keyFile: filepath.Join(dir, "key")}
	at.Media = filepath.Join(dir, "media")
	if at.Database = "sqlite:" + filepath.Join(dir, "tidings.db"); engine != "sqlite" {
		at.Database = storetest.Address(t, engine)
	}
	return at
}

// newInstallation fills one, up to a version of the schema; 0 is the newest.
func newInstallation(t *testing.T, engine string, version int64) installation {
	t.Helper()
	at := newPlace(t, engine)
	if err := os.MkdirAll(at.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	name, raw := storetest.Raw(t, at.Database)
	if version == 0 {
		migrate(t, at.Database)
	} else if err := store.MigrateTo(ctx, name, raw, version); err != nil {
		t.Fatal(err)
	}
	storetest.NewSender(t, at.Database).Organization(1, "ding1")
	var err error
	if at.keys, err = masterkey.Create(at.keyFile); err != nil {
		t.Fatal(err)
	}
	at.bind(t)
	at.addFiles(t)
	return at
}

// bind records the fingerprints as the first start of a version did that kept no
// other record of the keys.
func (at installation) bind(t *testing.T) {
	t.Helper()
	_, raw := storetest.Raw(t, at.Database)
	text, err := json.Marshal(at.keys.Fingerprints())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := raw.Exec(`INSERT INTO node_state (name, value, count) VALUES ('keys', $1, 0)`, string(text)); err != nil {
		t.Fatal(err)
	}
}

func migrate(t *testing.T, address string) {
	t.Helper()
	if _, err := store.Migrate(context.Background(), address, store.Options{Fatal: func(err error) { panic(err) }}); err != nil {
		t.Fatal(err)
	}
}

// addFiles uploads three files.
func (at *installation) addFiles(t *testing.T) {
	t.Helper()
	_, raw := storetest.Raw(t, at.Database)
	files := media.FilesIn(at.Media)
	if err := files.Prepare(); err != nil {
		t.Fatal(err)
	}
	for i, content := range [][]byte{{}, []byte("short"), bytes.Repeat([]byte("long"), 100_000)} {
		sum := sha256.Sum256(content)
		f := media.File{
			ID: "@l" + strings.Repeat(string(rune('a'+i)), 26), Organization: 1, Kind: "file", Name: "n", ContentType: "text/plain",
			Size: int64(len(content)), Digest: hex.EncodeToString(sum[:]), CreatedAt: time.UnixMilli(1).UTC(),
		}
		if err := files.Put(f, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Exec(`INSERT INTO media (organization, id, app_id, kind, name, content_type, size, width, height, digest, created_at)
			VALUES (1, $1, 1, 'file', 'n', 'text/plain', $2, 0, 0, $3, 1)`, f.ID, f.Size, f.Digest); err != nil {
			t.Fatal(err)
		}
		at.files = append(at.files, f)
	}
}

func (at installation) backup(t *testing.T, withKey bool) (dir string) {
	t.Helper()
	o := at.backupOptions(t, withKey)
	if _, _, err := transfer.Backup(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	return o.To
}

func (at installation) backupOptions(t *testing.T, withKey bool) transfer.BackupOptions {
	t.Helper()
	o := transfer.BackupOptions{From: at.Place, To: filepath.Join(t.TempDir(), "backup"), Now: time.Now(), Progress: quiet}
	if withKey {
		o.KeyFile, o.Keys = at.keyFile, at.keys
	}
	return o
}

func (at installation) restoreOptions(from string) transfer.RestoreOptions {
	return transfer.RestoreOptions{
		From: from, To: at.Place, KeyFile: at.keyFile, Now: time.Now(), Progress: quiet,
		LoadKeys: func(path string) (transfer.Keys, error) { return masterkey.Load(path) },
	}
}

// mustBeEmpty looks at what a failure leaves.
func (at installation) mustBeEmpty(t *testing.T) {
	t.Helper()
	if entries, err := os.ReadDir(at.dir); err != nil && !errors.Is(err, fs.ErrNotExist) || len(entries) != 0 {
		t.Errorf("%s holds %v, %v", at.dir, entries, err)
	}
	if strings.HasPrefix(at.Database, "sqlite:") {
		return
	}
	s, err := copier.Open(context.Background(), at.Database)
	if err != nil {
		if strings.Contains(err.Error(), "the database is empty") {
			return
		}
		t.Fatal(err)
	}
	defer s.Close()
	if all, err := s.Organizations(context.Background()); err != nil || len(all) != 0 {
		t.Errorf("organizations %v, %v", all, err)
	}
}

// mustHave checks the contents of uploaded files.
func (at installation) mustHave(t *testing.T, files []media.File) {
	t.Helper()
	for _, f := range files {
		content, err := media.FilesIn(at.Media).Open(f)
		if err != nil {
			t.Error(err)
			continue
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(content); err != nil {
			t.Error(err)
		}
		if sum := sha256.Sum256(b.Bytes()); hex.EncodeToString(sum[:]) != f.Digest {
			t.Errorf("%s has %d bytes with another digest", f.ID, b.Len())
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
}
