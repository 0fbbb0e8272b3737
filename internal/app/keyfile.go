package app

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// maxKeyFile is far more than any number of keys takes.
const maxKeyFile = 64 << 10

// LoadKeyring reads the master keys from a file. The error wraps
// fs.ErrNotExist when there is no such file; a file that somebody else may
// read or write is refused.
func LoadKeyring(path string) (*Keyring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key file %s is not a regular file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("key file %s is open to others (mode %04o): make it private with chmod 600", path, mode)
	}
	keys, err := parseKeys(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return newKeyring(keys)
}

// parseKeys reads numbered keys. Its errors name lines, never their content.
func parseKeys(r io.Reader) (map[int][]byte, error) {
	keys := map[int][]byte{}
	lines := bufio.NewScanner(r)
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
		if err != nil || number < 1 || number > maxKeyNumber {
			return nil, fmt.Errorf("line %d does not begin with a number from 1 to %d", n, maxKeyNumber)
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

// CreateKeyring makes a key file with one new key, readable by its owner only
// and on the disk when it returns. The directory must exist. It never replaces
// a file: the error then wraps fs.ErrExist.
func CreateKeyring(path string) (*Keyring, error) {
	key := make([]byte, keySize)
	rand.Read(key)
	text := keyFileHead + "1 " + base64.StdEncoding.EncodeToString(key) + "\n"
	if err := writeNew(path, text); err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return newKeyring(map[int][]byte{1: key})
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
