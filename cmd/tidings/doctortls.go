package main

import (
	"net"
	"net/url"

	"github.com/tidings-im/tidings/internal/certificate"
)

// certificate looks at the certificate of a server that speaks https itself.
func (d *doctor) certificate() {
	if !d.cfg.TLS() {
		return
	}
	pair, err := certificate.Load(d.cfg.TLSCert, d.cfg.TLSKey)
	if err != nil {
		d.wrong("certificate", "name the certificate and its own key in tls-cert and tls-key, in PEM, readable by the server's user", "%v", err)
		return
	}
	found := pair.Examine(clock(), d.host())
	for _, f := range found {
		if f.Refused {
			d.wrong("certificate", f.Cure, "%s %s", d.cfg.TLSCert, f.Text)
		} else {
			d.doubt("certificate", f.Cure, "%s %s", d.cfg.TLSCert, f.Text)
		}
	}
	if len(found) == 0 {
		d.fine("certificate", "%s can be used until %s", d.cfg.TLSCert, pair.Leaf.NotAfter.UTC().Format("2006-01-02"))
	}
}

// host is the name by which clients reach the server, "" where nobody said.
func (d *doctor) host() string {
	if u, err := url.Parse(d.cfg.PublicURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	host, _, err := net.SplitHostPort(d.cfg.Listen)
	if ip := net.ParseIP(host); err != nil || ip != nil && ip.IsUnspecified() {
		return ""
	}
	return host
}
