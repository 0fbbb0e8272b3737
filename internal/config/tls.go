package config

import (
	"errors"
	"fmt"
	"strings"
)

// checkTLS looks at what the options of https say together. Whether the files can be
// used, a server finds out: administration may not be allowed to read the key.
func (c *Config) checkTLS(s *sources) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		given, lacking := "tls-cert", "tls-key"
		if c.TLSCert == "" {
			given, lacking = lacking, given
		}
		s.errs = append(s.errs, fmt.Errorf("%s: must be named too, where %s (%s) is", lacking, given, s.from[given]))
	}
	if c.TLS() && strings.HasPrefix(c.PublicURL, "http://") {
		s.errs = append(s.errs, errors.New("public-url ("+s.from["public-url"]+"): begins with http://, and with tls-cert the server speaks https alone: write https://"))
	}
}
