package server

import (
	"context"
	"crypto/tls"
	"net"
	"sync"

	"github.com/tidings-im/tidings/internal/certificate"
	"github.com/tidings-im/tidings/internal/config"
)

// openTLS reads the certificate where the server speaks https itself.
func (s *Server) openTLS(c config.Config) error {
	if !c.TLS() {
		return nil
	}
	var err error
	s.cert, err = certificate.Open(c.TLSCert, c.TLSKey, s.log)
	return err
}

// tlsConfig is nil for a server of plain http. HTTP/2 is offered by the HTTP server.
func (s *Server) tlsConfig() *tls.Config {
	if s.cert == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.cert.Get}
}

// answer serves a listener in the one way that the server speaks.
func (s *Server) answer(l net.Listener) error {
	if s.cert == nil {
		return s.http.Serve(l)
	}
	return s.http.ServeTLS(l, "", "")
}

// keepCertificate follows the files of the certificate until ctx ends.
func (s *Server) keepCertificate(ctx context.Context, running *sync.WaitGroup) {
	if s.cert != nil {
		running.Go(func() { s.cert.Run(ctx) })
	}
}

// ReloadCertificate reads the files of the certificate now, where there is one. The one
// of before goes on where they cannot be used, which the log says.
func (s *Server) ReloadCertificate() {
	if s.cert != nil {
		s.cert.Reload()
	}
}
