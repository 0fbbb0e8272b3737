package certificate_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/certificate"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func mustAuthority(t *testing.T, now time.Time, names ...string) (dir string, server *x509.Certificate) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "ca")
	server, err := certificate.MakeAuthority(dir, names, now)
	if err != nil {
		t.Fatal(err)
	}
	return dir, server
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func mustWrite(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// trusting verifies certificates as a client does that trusts an authority.
func trusting(t *testing.T, dir string, cert *x509.Certificate, host string, now time.Time) error {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(mustRead(t, filepath.Join(dir, certificate.AuthorityCert))) {
		t.Fatal("the authority's file has no certificate")
	}
	issuers := x509.NewCertPool()
	issuers.AppendCertsFromPEM(mustRead(t, filepath.Join(dir, certificate.IssuerCert)))
	_, err := cert.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: issuers, CurrentTime: now})
	return err
}

// An authority vouches for its names, and for nothing else: not even its issuer's key can
// make a certificate for another name that its clients accept.
func TestAuthorityIsBoundToItsNames(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names []string
		good  []string
		bad   []string
	}{
		{[]string{"oapi.dingtalk.com", "Tidings.example.com"}, []string{"oapi.dingtalk.com", "tidings.example.com"}, []string{"example.com", "api.dingtalk.com", "example.org", "192.0.2.1", "2001:db8::1"}},
		{[]string{"tidings.example.com", "192.0.2.1", "192.0.2.1"}, []string{"tidings.example.com", "192.0.2.1"}, []string{"192.0.2.2", "2001:db8::1", "example.org"}},
		{[]string{"localhost", "::1"}, []string{"localhost", "::1"}, []string{"127.0.0.1", "::2"}},
	} {
		dir, server := mustAuthority(t, noon, tt.names...)
		for _, name := range tt.good {
			if err := trusting(t, dir, server, name, noon); err != nil {
				t.Errorf("%v: %s: %v", tt.names, name, err)
			}
		}
		for _, name := range tt.bad {
			forged := mustForge(t, dir, name)
			var refused x509.CertificateInvalidError
			if err := trusting(t, dir, forged, name, noon); !errors.As(err, &refused) || refused.Reason != x509.CANotAuthorizedForThisName {
				t.Errorf("%v: a certificate for %s, made with the issuer's key: %v", tt.names, name, err)
			}
		}
	}
}

// mustForge makes a certificate for any name with the issuer's key.
func mustForge(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	pair, err := certificate.Load(filepath.Join(dir, certificate.IssuerCert), filepath.Join(dir, certificate.IssuerKey))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(mustRead(t, filepath.Join(dir, certificate.IssuerKey)))
	signer, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, pair.Leaf, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestAuthorityFiles(t *testing.T) {
	t.Parallel()
	dir, server := mustAuthority(t, noon, "tidings.example.com")
	for name, mode := range map[string]fs.FileMode{"ca.pem": 0o644, "issuer.pem": 0o644, "issuer-key.pem": 0o600, "server.pem": 0o644, "server-key.pem": 0o600} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if server.NotAfter.After(noon.Add(366*24*time.Hour)) || trusting(t, dir, server, "tidings.example.com", noon.Add(-time.Minute)) != nil {
		t.Errorf("good from %s to %s", server.NotBefore, server.NotAfter)
	}
	before := mustRead(t, filepath.Join(dir, "ca.pem"))
	for _, name := range []string{"ca.pem", "issuer.pem", "issuer-key.pem", "server.pem", "server-key.pem"} {
		other := t.TempDir()
		mustWrite(t, filepath.Join(other, name), []byte("mine"))
		if _, err := certificate.MakeAuthority(other, []string{"a.example.com"}, noon); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is there: %v", name, err)
		}
		if entries, err := os.ReadDir(other); err != nil || len(entries) != 1 || string(mustRead(t, filepath.Join(other, name))) != "mine" {
			t.Errorf("%s: left %v, %v", name, entries, err)
		}
	}
	if _, err := certificate.MakeAuthority(dir, []string{"b.example.com"}, noon); !errors.Is(err, fs.ErrExist) || !bytes.Equal(before, mustRead(t, filepath.Join(dir, "ca.pem"))) {
		t.Errorf("a second authority: %v", err)
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "*.example.com", "https://example.com", "example.com:443", "exa mple.com", "-a.example.com", "例.example.com", "a..b", strings.Repeat("a", 64) + ".com", "10.0.0.0/8", "a_b.example.com"} {
		dir := filepath.Join(t.TempDir(), "ca")
		if _, err := certificate.MakeAuthority(dir, []string{"good.example.com", name}, noon); !errors.Is(err, certificate.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q left %s behind", name, dir)
		}
	}
}

func TestRenew(t *testing.T) {
	t.Parallel()
	dir, first := mustAuthority(t, noon, "tidings.example.com", "192.0.2.1")
	later := noon.Add(400 * 24 * time.Hour)
	if trusting(t, dir, first, "tidings.example.com", later) == nil {
		t.Fatal("the first certificate is good for ever")
	}
	second, err := certificate.RenewServer(dir, later)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := certificate.Load(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server-key.pem"))
	if err != nil || !pair.Leaf.Equal(second) || pair.KeyMode.Perm() != 0o600 {
		t.Fatalf("the files: %v", err)
	}
	for _, name := range []string{"tidings.example.com", "192.0.2.1"} {
		if err := trusting(t, dir, second, name, later); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := certificate.RenewServer(dir, noon.Add(3*365*24*time.Hour)); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("an authority that has expired renews: %v", err)
	}
	if _, err := certificate.RenewServer(t.TempDir(), noon); err == nil {
		t.Error("a directory without an authority renews")
	}
}

func TestExamine(t *testing.T) {
	t.Parallel()
	dir, server := mustAuthority(t, noon, "tidings.example.com")
	load := func() *certificate.Pair {
		pair, err := certificate.Load(filepath.Join(dir, "server.pem"), filepath.Join(dir, "server-key.pem"))
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	day := 24 * time.Hour
	for _, tt := range []struct {
		at      time.Time
		host    string
		text    string
		refused bool
	}{
		{noon, "tidings.example.com", "", false},
		{noon, "", "", false},
		{noon, "other.example.com", "is for tidings.example.com, and not for other.example.com", false},
		{server.NotAfter.Add(-15 * day), "", "", false},
		{server.NotAfter.Add(-13 * day), "", "expires on", false},
		{server.NotAfter.Add(day), "", "expired on", true},
		{noon.Add(-day), "", "begins on", true},
	} {
		found := load().Examine(tt.at, tt.host)
		if tt.text == "" && len(found) != 0 || tt.text != "" && (len(found) != 1 || !strings.Contains(found[0].Text, tt.text) || found[0].Refused != tt.refused || found[0].Cure == "") {
			t.Errorf("%s, %q: %+v", tt.at, tt.host, found)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "server-key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := load().Examine(noon, ""); len(found) != 1 || !strings.Contains(found[0].Text, "mode 0644") {
		t.Errorf("a key for everybody: %+v", found)
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir, _ := mustAuthority(t, noon, "a.example.com")
	other, _ := mustAuthority(t, noon, "a.example.com")
	none := filepath.Join(dir, "none")
	empty := filepath.Join(dir, "empty")
	mustWrite(t, empty, nil)
	cert, key := filepath.Join(dir, "server.pem"), filepath.Join(dir, "server-key.pem")
	for _, tt := range []struct{ cert, key, want string }{
		{none, key, "tls-cert: open " + none},
		{cert, none, "tls-key: open " + none},
		{empty, key, "are no pair"},
		{cert, empty, "are no pair"},
		{cert, cert, "are no pair"},
		{dir, key, "tls-cert"},
		{cert, filepath.Join(other, "server-key.pem"), "the key is that of another certificate"},
	} {
		if _, err := certificate.Load(tt.cert, tt.key); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s, %s: %v, want %q in it", tt.cert, tt.key, err, tt.want)
		}
	}
}

// A pair is taken within seconds, and never a half of it.
func TestFilesAreFollowed(t *testing.T) {
	t.Parallel()
	dir, first := mustAuthority(t, noon, "a.example.com")
	next, second := mustAuthority(t, noon, "b.example.com")
	cert, key := filepath.Join(dir, "server.pem"), filepath.Join(dir, "server-key.pem")
	nextCert, nextKey := mustRead(t, filepath.Join(next, "server.pem")), mustRead(t, filepath.Join(next, "server-key.pem"))
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		files, err := certificate.Open(cert, key, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		go files.Run(ctx)
		wait := func(want *x509.Certificate, when string) {
			t.Helper()
			<-time.After(certificate.LookEvery + time.Second)
			synctest.Wait()
			got, err := files.Get(nil)
			if err != nil || !got.Leaf.Equal(want) || !files.Pair().Leaf.Equal(want) {
				t.Errorf("%s: %v, %v", when, got.Leaf.DNSNames, err)
			}
		}
		wait(first, "nothing has changed")
		mustWrite(t, cert, nextCert)
		wait(first, "the certificate is another one, and the key is not yet")
		wait(first, "still not")
		if n := strings.Count(log.String(), "cannot be used"); n != 1 {
			t.Errorf("it was said %d times: %s", n, &log)
		}
		mustWrite(t, key, nextKey)
		wait(second, "both are others")
		if err := os.Remove(cert); err != nil {
			t.Fatal(err)
		}
		wait(second, "the file is gone")
		mustWrite(t, cert, mustRead(t, filepath.Join(dir, "issuer.pem")))
		mustWrite(t, key, mustRead(t, filepath.Join(dir, "issuer-key.pem")))
		files.Reload()
		if names := files.Pair().Leaf.DNSNames; slices.Contains(names, "b.example.com") {
			t.Errorf("after Reload: %v", names)
		}
	})
}
