package main

import (
	"crypto/tls"
	"errors"
	"net/http"

	"github.com/tidings-im/tidings/internal/certificate"
	"github.com/tidings-im/tidings/internal/config"
)

// checkCertificate refuses a configuration whose certificate and key are no pair.
func checkCertificate(cfg config.Config) error {
	if !cfg.TLS() {
		return nil
	}
	if _, err := certificate.Load(cfg.TLSCert, cfg.TLSKey); err != nil {
		return usageError{err}
	}
	return nil
}

// localAddress is where this machine reaches the server that listens on a port.
func localAddress(cfg config.Config, port int) string {
	return config.Config{Listen: cfg.Listen, TLSCert: cfg.TLSCert}.Address(port)
}

// errOtherCertificate is that of a server that has another certificate than its file.
var errOtherCertificate = errors.New("it has another certificate than the file of tls-cert: send the server SIGHUP, and read its log")

// localClient reaches this machine's own server, whose certificate is for the name that
// people use: it is the one of the file, or the connection fails.
func localClient(cfg config.Config) *http.Client {
	if !cfg.TLS() {
		return &http.Client{}
	}
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, // VerifyConnection asks for more
		VerifyConnection: func(c tls.ConnectionState) error {
			pair, err := certificate.Load(cfg.TLSCert, cfg.TLSKey)
			if err == nil && !pair.Leaf.Equal(c.PeerCertificates[0]) {
				err = errOtherCertificate
			}
			return err
		},
	}}
	return &http.Client{Transport: transport}
}
