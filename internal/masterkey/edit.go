package masterkey

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/tidings-im/tidings/internal/durable"
	"github.com/tidings-im/tidings/internal/fault"
)

// keyFile is a key file that is being changed, line by line, so that what people
// wrote into it stays.
type keyFile struct {
	text         string
	fingerprints map[int]string // of the keys in it
}

// parse reads the text anew.
func (f *keyFile) parse() error {
	keys, err := parseKeys([]byte(f.text))
	if err != nil {
		return err
	}
	derived, err := deriveKeys(keys)
	f.fingerprints = map[int]string{}
	for number, key := range derived {
		f.fingerprints[number] = key.fingerprint
	}
	return err
}

// newKey returns the key that the file has for the next SwitchKey, 0 when there
// is none. Fails with CodeConflict when the record has another one.
func (f *keyFile) newKey(record Record) (int, error) {
	number := 0
	for n := range f.fingerprints {
		if n > record.InUse && record.Keys[n].DroppedAt.IsZero() {
			number = max(number, n)
		}
	}
	for _, n := range record.In(PhaseAdded) {
		if state := record.Keys[n]; n > record.InUse && f.fingerprints[n] != state.Fingerprint {
			return 0, errOtherKey(n, state)
		}
	}
	return number, nil
}

// highest is the highest number that any key has or had.
func (f *keyFile) highest(record Record) int {
	most := 0
	for n := range f.fingerprints {
		most = max(most, n)
	}
	for n := range record.Keys {
		most = max(most, n)
	}
	return most
}

func (f *keyFile) fingerprint(number int) string { return f.fingerprints[number] }

// add puts a new key at the end.
func (f *keyFile) add(number int) error {
	if !strings.HasSuffix(f.text, "\n") {
		f.text += "\n"
	}
	f.text += newKeyLine(number)
	return f.parse()
}

// remove takes keys out and returns their numbers.
func (f *keyFile) remove(goes func(number int) bool) []int {
	var left strings.Builder
	var removed []int
	for line := range strings.Lines(f.text) {
		if fields := strings.Fields(line); len(fields) == 2 {
			number, err := strconv.Atoi(fields[0])
			if err == nil && f.fingerprints[number] != "" && goes(number) {
				removed = append(removed, number)
				delete(f.fingerprints, number)
				continue
			}
		}
		left.WriteString(line)
	}
	f.text = left.String()
	slices.Sort(removed)
	return removed
}

// editKeyFile changes a key file: the new one takes the place of the old one at
// once, with its mode and owner, when it is on the disk. Those who change it at
// the same time are refused, and so is a change that would leave no key.
func editKeyFile(path string, edit func(*keyFile) error) error {
	path, err := filepath.EvalSymlinks(path) // a link goes on leading to the file
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	release, err := lockDir(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("key file %s: %w", path, err)
	}
	defer release()
	text, info, err := readKeyFile(path)
	if err != nil {
		return err
	}
	file := &keyFile{text: string(text)}
	if err := file.parse(); err != nil {
		return fmt.Errorf("key file %s: %w", path, err)
	}
	before := maps.Clone(file.fingerprints)
	if err := edit(file); err != nil {
		return err
	}
	if maps.Equal(before, file.fingerprints) {
		return nil
	}
	if err := file.parse(); err != nil {
		return fmt.Errorf("key file %s would be of no use: %w", path, err)
	}
	return replaced(path, replaceFile(path, file.text, info))
}

// replaced says what to do about a key file that cannot be replaced where it is.
func replaced(path string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EBUSY) {
		return fault.New(fault.CodeConflict, "key file %s cannot be replaced where it is: name a copy of it with --key-file, and put that in its place afterwards", path).Because(err)
	}
	if err != nil {
		return fmt.Errorf("key file %s: %w", path, err)
	}
	return nil
}

// replaceFile writes a file beside another and renames it over that. One that
// was left by somebody who was interrupted makes way.
func replaceFile(path, text string, like fs.FileInfo) error {
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(fresh) //nolint:errcheck // it is gone when it was renamed
	_, err = f.WriteString(text)
	if owner, ok := like.Sys().(*syscall.Stat_t); ok && err == nil {
		err = keepOwner(f, owner)
	}
	if err == nil {
		err = f.Chmod(like.Mode().Perm())
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// keepOwner gives a new file the owner of the old one, without which the server
// could not read it when root has replaced it.
func keepOwner(f *os.File, owner *syscall.Stat_t) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if now, ok := info.Sys().(*syscall.Stat_t); ok && now.Uid == owner.Uid && now.Gid == owner.Gid {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}

// lockDir keeps others who change key files in a directory away.
func lockDir(dir string) (release func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fault.New(fault.CodeBusy, "another command is changing the key file, try again")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, nil
}
