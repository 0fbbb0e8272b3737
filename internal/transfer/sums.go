package transfer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// sums writes the file of checksums, in the form that sha256sum -c reads.
type sums struct {
	dir  string
	file *os.File
	out  *bufio.Writer
}

func newSums(dir string) (*sums, error) {
	f, err := os.OpenFile(filepath.Join(dir, sumsFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &sums{dir: dir, file: f, out: bufio.NewWriter(f)}, nil
}

func (s *sums) add(name, sum string) error {
	_, err := fmt.Fprintf(s.out, "%s  %s\n", sum, filepath.ToSlash(name))
	return err
}

// read adds a file by what it holds.
func (s *sums) read(ctx context.Context, name string) error {
	sum, err := sumOf(ctx, filepath.Join(s.dir, name))
	if err != nil {
		return err
	}
	return s.add(name, sum)
}

func (s *sums) close() error { return closeSynced(s.file, s.out.Flush()) }

func closeSynced(f *os.File, err error) error {
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func sumOf(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// contextReader stops reading when its context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// verify compares every file of a backup with its checksum. The error names the
// first that is missing or another.
func verify(ctx context.Context, dir string, told Progress) error {
	f, err := os.Open(filepath.Join(dir, sumsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is no whole backup: it has no %s", dir, sumsFile)
	}
	if err != nil {
		return err
	}
	defer f.Close()
	needed := map[string]bool{databaseFile: true, manifestFile: true}
	lines := bufio.NewScanner(f)
	var n int64
	for ; lines.Scan(); n++ {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || len(sum) != hex.EncodedLen(sha256.Size) || !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("%s is damaged in line %d", sumsFile, n+1)
		}
		got, err := sumOf(ctx, filepath.Join(dir, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the backup is damaged: %s is missing, or its name in %s is", name, sumsFile)
		}
		if err != nil {
			return err
		}
		if got != sum {
			return fmt.Errorf("the backup is damaged: %s has the SHA-256 %s instead of %s", name, got, sum)
		}
		delete(needed, name)
		told("verifying", name, n)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", sumsFile, err)
	}
	for name := range needed {
		return fmt.Errorf("%s is damaged: it does not name %s", sumsFile, name)
	}
	return nil
}

// sign writes the signature of the checksums, if there are keys.
func sign(dir string, keys Keys) (bool, error) {
	if keys == nil {
		return false, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return false, err
	}
	return true, writeSynced(filepath.Join(dir, signatureFile), []byte(keys.Sign(text)+"\n"))
}

// verifySigned compares the checksums with their signature. It is no error that
// there is none; whoever restores is told.
func verifySigned(dir string, keys Keys) (bool, error) {
	signature, err := os.ReadFile(filepath.Join(dir, signatureFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	text, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return false, err
	}
	if err := keys.Verify(text, string(signature)); err != nil {
		return false, fmt.Errorf("the backup is damaged, or was changed: %s: %w", signatureFile, err)
	}
	return true, nil
}
