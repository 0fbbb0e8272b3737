package masterkey

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tidings-im/tidings/internal/durable"
)

// keyFileHead explains the file to whoever opens it.
const keyFileHead = `# Master keys of a Tidings installation, one a line: its number and 32 bytes in
# base64. Without this file the database cannot be used. Keep a copy of it, and
# never in the same place as the backups of the database.
`

// maxNumber is the highest that a key may have: tokens have room for it.
const maxNumber = 9999

// maxKeyFile is far more than any number of keys takes.
const maxKeyFile = 64 << 10

// Load reads the master keys from a file. The error wraps
// fs.ErrNotExist when there is no such file; a file that somebody else may
// read or write is refused.
func Load(path string) (*Ring, error) {
	text, info, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return newRing(path, keys, info)
}

// readKeyFile reads what a key file holds, and which file that was.
func readKeyFile(path string) ([]byte, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("key file %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, nil, fmt.Errorf("key file %s is open to others (mode %04o): make it private with chmod 600", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, nil, fmt.Errorf("key file: %w", err)
	}
	if len(text) > maxKeyFile {
		return nil, nil, fmt.Errorf("key file %s is no key file: it has more than %d bytes", path, maxKeyFile)
	}
	return text, info, nil
}

// Reload reads the key file again if it is another one by now, and reports
// whether there are other keys in it. Keys that the database needs are held on
// to, also when the file lacks them: it may be read while it is being copied. An
// error says why the file cannot be read; the keys of before go on.
func (k *Ring) Reload() (changed bool, err error) {
	k.changing.Lock()
	defer k.changing.Unlock()
	if now, err := os.Stat(k.path); err == nil && sameFile(k.read, now) {
		return false, nil
	}
	text, info, err := readKeyFile(k.path)
	if err != nil {
		return false, err
	}
	keys, err := parseKeys(text)
	var fresh map[int]*masterKey
	if err == nil {
		fresh, err = deriveKeys(keys)
	}
	if err != nil {
		return false, fmt.Errorf("key file %s: %w", k.path, err)
	}
	held := k.held.Load()
	k.read = info
	next := &ring{file: fingerprints(fresh), record: held.record, keys: fresh}
	for number, key := range held.keys {
		if s := held.record.Keys[number]; s.Used && s.Fingerprint == key.fingerprint {
			next.keys[number] = key // one that was dropped is kept to know its tokens
		}
	}
	k.held.Store(next)
	return !maps.Equal(next.file, held.file), nil
}

func sameFile(a, b fs.FileInfo) bool {
	return a != nil && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}

// parseKeys reads numbered keys. Its errors name lines, never their content.
func parseKeys(text []byte) (map[int][]byte, error) {
	keys := map[int][]byte{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return nil, fmt.Errorf("line %d is not a number and a key", n)
		}
		number, err := strconv.Atoi(fields[0])
		if err != nil || number < 1 || number > maxNumber {
			return nil, fmt.Errorf("line %d does not begin with a number from 1 to %d", n, maxNumber)
		}
		if keys[number] != nil {
			return nil, fmt.Errorf("line %d gives key %d a second time", n, number)
		}
		key, err := base64.StdEncoding.Strict().DecodeString(fields[1])
		if err != nil || len(key) != keySize {
			return nil, fmt.Errorf("line %d does not hold %d bytes in base64", n, keySize)
		}
		keys[number] = key
	}
	if lines.Err() != nil {
		return nil, errors.New("it cannot be read as lines of text")
	}
	if len(keys) == 0 {
		return nil, errors.New("it holds no key")
	}
	return keys, nil
}

// Create makes a key file with one new key, readable by its owner only
// and on the disk when it returns. The directory must exist. It never replaces
// a file: the error then wraps fs.ErrExist.
func Create(path string) (*Ring, error) {
	if err := writeNew(path, keyFileHead+newKeyLine(1)); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return Load(path)
}

// newKeyLine is the line of a new key in a key file.
func newKeyLine(number int) string {
	key := make([]byte, keySize)
	rand.Read(key)
	return strconv.Itoa(number) + " " + base64.StdEncoding.EncodeToString(key) + "\n"
}

// writeNew makes a file appear at path whole and synced, or not at all.
func writeNew(path, text string) error {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".key-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) //nolint:errcheck // it is gone when it was renamed
	_, err = temp.WriteString(text)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	// A link, unlike a rename, never replaces what another process has put
	// there in the meantime. Not every file system has links.
	err = os.Link(temp.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		if _, taken := os.Lstat(path); taken == nil {
			return fmt.Errorf("%s: %w", path, fs.ErrExist)
		}
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return err
	}
	return durable.SyncDir(dir)
}
