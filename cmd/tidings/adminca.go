package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/certificate"
)

type caCmd struct {
	Create caCreateCmd `cmd:"" help:"Make an authority and a server certificate for DingTalk's four hosts and the names you give, and say how clients come to trust it."`
	Renew  caRenewCmd  `cmd:"" help:"Make a new server certificate for the same names; a running server takes it within seconds."`
}

// dingtalkHosts are those that clients of DingTalk may have fixed.
var dingtalkHosts = []string{"oapi.dingtalk.com", "api.dingtalk.com", "login.dingtalk.com", "eco.taobao.com"}

type caCreateCmd struct {
	Dir   string   `arg:"" help:"Directory for the files; existing files are never replaced."`
	Names []string `name:"name" placeholder:"HOST,…" help:"Hosts and IP addresses beside DingTalk's, such as the one that people type."`
}

type caRenewCmd struct {
	Dir string `arg:"" help:"Directory of the authority."`
}

// caView is what was made, with absolute paths.
type caView struct {
	Authority string   `json:"authority"`
	TLSCert   string   `json:"tls_cert"`
	TLSKey    string   `json:"tls_key"`
	Names     []string `json:"names"`
	NotAfter  string   `json:"not_after"`
}

// Run makes the files without opening a database.
func (c *caCreateCmd) Run(e *environment) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return usageError{err}
	}
	cert, err := certificate.MakeAuthority(dir, append(dingtalkHosts[:len(dingtalkHosts):len(dingtalkHosts)], c.Names...), clock())
	switch {
	case errors.Is(err, certificate.ErrName):
		return usageError{fmt.Errorf("--name: %w", err)}
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%w, and is not replaced: clients trust it; a new server certificate is made by: tidings admin ca renew %s", err, c.Dir)
	case err != nil:
		return err
	}
	made := viewOfAuthority(dir, cert)
	return e.show(e.admin.JSON, made, func() {
		fmt.Fprintf(e.out, "made an authority and a certificate for %s, good until %s\n\n", strings.Join(made.Names, ", "), made.NotAfter[:len(time.DateOnly)])
		fmt.Fprint(e.out, strings.NewReplacer("{issuer-key}", filepath.Join(dir, certificate.IssuerKey), "{ca}", made.Authority,
			"{cert}", made.TLSCert, "{key}", made.TLSKey, "{hosts}", strings.Join(dingtalkHosts, " ")).Replace(caRecipe))
	})
}

// Run makes the new files without opening a database.
func (c *caRenewCmd) Run(e *environment) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return usageError{err}
	}
	cert, err := certificate.RenewServer(dir, clock())
	if err != nil {
		return err
	}
	made := viewOfAuthority(dir, cert)
	return e.show(e.admin.JSON, made, func() {
		fmt.Fprintf(e.out, "made %s anew, good until %s; clients that trust the authority trust it\n", made.TLSCert, made.NotAfter[:len(time.DateOnly)])
	})
}

func viewOfAuthority(dir string, cert *x509.Certificate) caView {
	return caView{
		Authority: filepath.Join(dir, certificate.AuthorityCert), TLSCert: filepath.Join(dir, certificate.ServerCert),
		TLSKey: filepath.Join(dir, certificate.ServerKey), Names: certificate.NamesOf(cert), NotAfter: cert.NotAfter.UTC().Format(time.RFC3339),
	}
}

// caRecipe is printed with the files' names in it. docs/integrations.md says the same.
const caRecipe = `Serve with it:
  tidings serve --listen :443 --tls-cert {cert} --tls-key {key}

On each machine with a client, as root, lead DingTalk's hosts to this server, ADDRESS:
  echo "ADDRESS {hosts}" >> /etc/hosts

and let the client trust {ca} there:
  Debian   cp {ca} /usr/local/share/ca-certificates/tidings.crt && update-ca-certificates
  Java     keytool -importcert -cacerts -noprompt -alias tidings -storepass changeit -file {ca}
  Node     NODE_EXTRA_CA_CERTS={ca}
  Python   REQUESTS_CA_BUNDLE={ca} (requests), SSL_CERT_FILE={ca} (others)
  Go       what Debian trusts; or SSL_CERT_FILE={ca}

Those Python and Go variables replace what else the program trusts. The authority can
vouch for the names above and for hosts below them. Whoever has {issuer-key} can pretend
to be them to these clients: keep it to yourself, or delete it and renew nothing.
`
