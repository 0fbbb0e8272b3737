package certificate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"time"
)

// How long the certificates of an authority of one's own are good.
const (
	AuthorityLife = 2 * 365 * 24 * time.Hour
	ServerLife    = 365 * 24 * time.Hour
	// skew is how far the clocks of clients may be behind.
	skew = time.Hour
)

// The files of an authority, in its directory. Clients trust ca.pem, whose key is not
// kept: it has vouched for the issuer and vouches for nothing else. The issuer makes the
// server's certificates. Some clients, Java's among them, hold an issuer to its
// constraints but not what they trust itself.
const (
	AuthorityCert = "ca.pem"
	IssuerCert    = "issuer.pem"
	IssuerKey     = "issuer-key.pem"
	ServerCert    = "server.pem" // with the issuer's behind it
	ServerKey     = "server-key.pem"
)

// issued is a certificate that was made here, with its key.
type issued struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// MakeAuthority makes an authority, its issuer and a server's certificate, all for exactly
// these names, in a directory that it makes if it is not there, and returns the server's. A
// name is a host or an IP address. It replaces no file: the error wraps fs.ErrExist if
// one is there, and ErrName for a name that cannot be used.
func MakeAuthority(dir string, names []string, now time.Time) (*x509.Certificate, error) {
	hosts, addresses, err := splitNames(names)
	if err != nil {
		return nil, err
	}
	authority, err := newCertificate(authorityTemplate(hosts, addresses, now), nil)
	if err != nil {
		return nil, err
	}
	issuer, err := newCertificate(issuerTemplate(hosts, addresses, now), authority)
	if err != nil {
		return nil, err
	}
	server, err := newCertificate(serverTemplate(hosts, addresses, now, issuer.cert.NotAfter), issuer)
	if err != nil {
		return nil, err
	}
	return server.cert, writeNew(dir, authority.cert, issuer, server)
}

// RenewServer replaces the server's certificate and key in an authority's directory by
// new ones for the same names, and returns the certificate. The error says so when the
// authority itself has expired.
func RenewServer(dir string, now time.Time) (*x509.Certificate, error) {
	issuer, err := readIssuer(dir)
	if err != nil {
		return nil, err
	}
	by := issuer.cert
	if now.After(by.NotAfter) {
		return nil, fmt.Errorf("the authority in %s expired on %s: make another one, which clients have to trust anew", dir, day(by.NotAfter))
	}
	server, err := newCertificate(serverTemplate(by.PermittedDNSDomains, single(by.PermittedIPRanges), now, by.NotAfter), issuer)
	if err != nil {
		return nil, err
	}
	return server.cert, replaceServer(dir, issuer, server)
}

func newCertificate(template *x509.Certificate, by *issued) (*issued, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("certificate: key: %w", err)
	}
	parent, signer := template, crypto.Signer(key)
	if by != nil {
		parent, signer = by.cert, by.key
	}
	// Without a serial number in the template the library chooses one.
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return &issued{cert, key}, nil
}

// authorityTemplate is that of an authority that can vouch for these names and no
// others. A constraint binds names of its own kind only: where no address is permitted,
// all are excluded. By the standard a host's constraint permits hosts below it too.
func authorityTemplate(hosts []string, addresses []net.IP, now time.Time) *x509.Certificate {
	t := vouching("Tidings local authority of "+now.UTC().Format(time.DateOnly), hosts, addresses, now)
	t.MaxPathLen = 1 // the issuer
	return t
}

// issuerTemplate is that of what vouches for servers alone.
func issuerTemplate(hosts []string, addresses []net.IP, now time.Time) *x509.Certificate {
	t := vouching("Tidings local issuer of "+now.UTC().Format(time.DateOnly), hosts, addresses, now)
	t.MaxPathLenZero = true
	return t
}

func vouching(name string, hosts []string, addresses []net.IP, now time.Time) *x509.Certificate {
	t := &x509.Certificate{
		Subject:   pkix.Name{CommonName: name},
		NotBefore: now.Add(-skew), NotAfter: now.Add(AuthorityLife),
		KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: hosts,
	}
	for _, ip := range addresses {
		t.PermittedIPRanges = append(t.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(len(ip)*8, len(ip)*8)})
	}
	if len(addresses) == 0 {
		t.ExcludedIPRanges = []*net.IPNet{
			{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)},
		}
	}
	return t
}

func serverTemplate(hosts []string, addresses []net.IP, now, end time.Time) *x509.Certificate {
	notAfter := now.Add(ServerLife)
	if notAfter.After(end) {
		notAfter = end
	}
	return &x509.Certificate{
		Subject:   pkix.Name{CommonName: hosts[0]},
		NotBefore: now.Add(-skew), NotAfter: notAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, DNSNames: hosts, IPAddresses: addresses,
	}
}

// single returns the addresses of ranges that have one each.
func single(ranges []*net.IPNet) []net.IP {
	var all []net.IP
	for _, r := range ranges {
		all = append(all, r.IP)
	}
	return all
}
