package certificate

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// A certificate of a year or so is due dueBefore its end; one that lives for days, in
// the last fifth of its life.
const (
	dueBefore = 14 * 24 * time.Hour
	lastPart  = 5
)

// othersMayRead are the bits of a file's mode that let others at it.
const othersMayRead = 0o007

// Finding is what whoever runs the server should know of a pair.
type Finding struct {
	Refused bool   // clients refuse the server because of it
	Text    string // what is wrong
	Cure    string // what to do
}

// Examine returns what is wrong with a pair at a time, nothing if all is well. host is
// the name by which clients reach the server, "" where nobody said.
func (p *Pair) Examine(now time.Time, host string) []Finding {
	var all []Finding
	leaf := p.Leaf
	switch life, left := leaf.NotAfter.Sub(leaf.NotBefore), leaf.NotAfter.Sub(now); {
	case left <= 0:
		all = append(all, Finding{true, "expired on " + day(leaf.NotAfter), "put a new certificate and its key in their place: the server takes them within seconds"})
	case now.Before(leaf.NotBefore):
		all = append(all, Finding{true, "begins on " + day(leaf.NotBefore) + " only", "check the clock of this machine, or wait"})
	case left < min(dueBefore, life/lastPart):
		all = append(all, Finding{false, "expires on " + day(leaf.NotAfter), "renew it: the server takes the new files within seconds"})
	}
	if host != "" && leaf.VerifyHostname(host) != nil {
		all = append(all, Finding{
			false, fmt.Sprintf("is for %s, and not for %s", named(p), host),
			"use a certificate for " + host + "; where a proxy stands in front with one of its own, nothing is wrong",
		})
	}
	if p.openToOthers() {
		all = append(all, Finding{false, fmt.Sprintf("its key is open to everybody on this machine (mode %04o)", p.KeyMode.Perm()), "chmod o= the key's file"})
	}
	return all
}

func (p *Pair) openToOthers() bool { return p.KeyMode.Perm()&othersMayRead != 0 }

// warn tells a server's log what whoever reads it can do something about.
func (p *Pair) warn(log *slog.Logger, keyFile string) {
	if p.openToOthers() {
		log.Warn("the key of the certificate is open to everybody on this machine: chmod o= its file", "file", keyFile, "mode", fmt.Sprintf("%04o", p.KeyMode.Perm()))
	}
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// named are the names that a pair is for, as a text.
func named(p *Pair) string {
	if names := NamesOf(p.Leaf); len(names) > 0 {
		return strings.Join(names, ", ")
	}
	return "no name"
}

// NamesOf returns the names and addresses that a certificate is for.
func NamesOf(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	return names
}
