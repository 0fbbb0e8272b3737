package certificate

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/durable"
)

// Certificates are for everybody to read, keys for their owner alone.
const (
	certMode = 0o644
	keyMode  = 0o600
	dirMode  = 0o755
)

type fileToWrite struct {
	name string
	mode fs.FileMode
	text []byte
}

// writeNew writes all files of an authority, none of which may be there.
func writeNew(dir string, authority *x509.Certificate, issuer, server *issued) error {
	files, err := serverFiles(issuer, server)
	if err != nil {
		return err
	}
	key, err := keyText(issuer.key)
	if err != nil {
		return err
	}
	files = append(files,
		fileToWrite{IssuerKey, keyMode, key}, fileToWrite{IssuerCert, certMode, certText(issuer.cert)}, fileToWrite{AuthorityCert, certMode, certText(authority)})
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return err
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.name)); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, fmt.Errorf("%s: %w", filepath.Join(dir, f.name), fs.ErrExist))
		}
	}
	var made []string
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := writeFile(path, os.O_EXCL, f); err != nil {
			for _, path := range made { // what is there is whole, or not there
				err = errors.Join(err, os.Remove(path))
			}
			return err
		}
		made = append(made, path)
	}
	return durable.SyncDir(dir)
}

// replaceServer puts another server's certificate and key in the place of those of
// before, the key first: a server that reads between the two takes neither.
func replaceServer(dir string, issuer, server *issued) error {
	files, err := serverFiles(issuer, server)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		next := path + ".new"
		if err := errors.Join(writeFile(next, os.O_TRUNC, f), os.Rename(next, path)); err != nil {
			return err
		}
	}
	return durable.SyncDir(dir)
}

func serverFiles(issuer, server *issued) ([]fileToWrite, error) {
	key, err := keyText(server.key)
	if err != nil {
		return nil, err
	}
	return []fileToWrite{
		{ServerKey, keyMode, key},
		{ServerCert, certMode, append(certText(server.cert), certText(issuer.cert)...)},
	}, nil
}

func writeFile(path string, how int, f fileToWrite) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, f.mode)
	if err != nil {
		return err
	}
	_, err = file.Write(f.text)
	return errors.Join(err, file.Chmod(f.mode), file.Sync(), file.Close())
}

const (
	certBlock = "CERTIFICATE"
	keyBlock  = "PRIVATE KEY"
)

func certText(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certBlock, Bytes: c.Raw})
}

func keyText(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("certificate: key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

// readIssuer reads back an issuer that MakeAuthority has written.
func readIssuer(dir string) (*issued, error) {
	cert, key := filepath.Join(dir, IssuerCert), filepath.Join(dir, IssuerKey)
	pair, err := Load(cert, key)
	if err != nil {
		return nil, fmt.Errorf("the authority in %s cannot be read: %w", dir, err)
	}
	signer, ok := pair.tls.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA || len(pair.Leaf.PermittedDNSDomains) == 0 {
		return nil, fmt.Errorf("%s is no issuer that was made here", cert)
	}
	return &issued{pair.Leaf, signer}, nil
}
