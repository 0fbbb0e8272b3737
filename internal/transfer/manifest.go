package transfer

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/durable"
	"github.com/tidings-im/tidings/internal/store/copier"
)

// What lies in a backup's directory.
const (
	databaseFile = "tidings.db"
	keyFile      = "key"
	mediaDir     = "media"
	manifestFile = "manifest.json"
	sumsFile     = "SHA256SUMS"
	// signatureFile is the signature of sumsFile, of a backup that was made where
	// the key file could be read.
	signatureFile = "SHA256SUMS.hmac"
)

// format is the version of how a backup is laid out.
const format = 1

// Manifest says what a backup holds. The checksum of every file, this one's
// too, is in the file SHA256SUMS beside it.
type Manifest struct {
	Format        int                   `json:"format"`
	MadeAt        time.Time             `json:"made_at"` // the snapshot is at most this young
	Engine        string                `json:"engine"`  // that the rows came from
	Schema        int64                 `json:"schema"`
	Organizations []copier.Organization `json:"organizations"`
	Rows          map[string]int64      `json:"rows"` // by table
	Files         int64                 `json:"files"`
	Bytes         int64                 `json:"bytes"` // in the uploaded files
	Missing       []string              `json:"missing_files"`
	Keys          map[int]string        `json:"key_fingerprints"` // by number, of the keys that are needed
	KeyFile       string                `json:"key_file"`         // "" when it is not in the backup
	AuditLogs     []audit.Anchor        `json:"audit_logs"`       // where each stood
}

func (m *Manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(dir, manifestFile), append(text, '\n'))
}

// readManifest reads that of a backup whose checksums have been verified.
func readManifest(dir string) (m Manifest, err error) {
	return manifestAt(filepath.Join(dir, manifestFile))
}

func manifestAt(path string) (m Manifest, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	var head struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return m, fmt.Errorf("%s: %w", manifestFile, err)
	}
	if head.Format != format {
		return m, fmt.Errorf("%s: the backup has format %d, this binary reads format %d: use the binary that made it or a newer one", manifestFile, head.Format, format)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%s: %w", manifestFile, err)
	}
	return m, nil
}

// AuditLogs returns where each audit log stood when a backup was made: path is the
// backup's directory, or a copy of its manifest.
func AuditLogs(path string) ([]audit.Anchor, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, manifestFile)
	}
	m, err := manifestAt(path)
	if err != nil {
		return nil, err
	}
	if len(m.AuditLogs) == 0 {
		return nil, fmt.Errorf("%s does not say where the audit logs stood: the backup is of a version before it did", path)
	}
	return m.AuditLogs, nil
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return closeSynced(f, err)
}

// syncTree makes the entries of a directory and all below it durable.
func syncTree(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return durable.SyncDir(path)
	})
}
