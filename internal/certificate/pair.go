package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// maxFile is more bytes than any chain of certificates has.
const maxFile = 1 << 20

// Pair is a certificate with its chain, and its key.
type Pair struct {
	tls tls.Certificate
	// Leaf is the server's own certificate, the first of the file.
	Leaf *x509.Certificate
	// KeyMode says who may read the file of the key.
	KeyMode fs.FileMode
}

// Load reads a pair from two files in PEM: the server's certificate, followed by those
// that lead to its authority, and the key. The error names the file, says what is wrong
// with it, and holds nothing of it.
func Load(certFile, keyFile string) (*Pair, error) {
	chain, _, err := read("tls-cert", certFile)
	if err != nil {
		return nil, err
	}
	key, mode, err := read("tls-key", keyFile)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("tls-cert %s and tls-key %s are no pair: %w", certFile, keyFile, plainly(err))
	}
	return &Pair{tls: pair, Leaf: pair.Leaf, KeyMode: mode}, nil
}

func read(option, path string) ([]byte, fs.FileMode, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", option, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", option, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", option, err)
	}
	if len(text) > maxFile {
		return nil, 0, fmt.Errorf("%s %s has more than %d bytes", option, path, maxFile)
	}
	return text, info.Mode(), nil
}

// plainly says without the library's own prefix what is wrong with a pair.
func plainly(err error) error {
	const mismatch = "tls: private key does not match public key"
	if err.Error() == mismatch {
		return errors.New("the key is that of another certificate")
	}
	return err
}
