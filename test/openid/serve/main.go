// Command serve runs the OpenID Provider of the tests on a free port of this machine, for
// the journeys of a browser:
//
//	serve < options.json
//
// The options are openid.Options without an issuer. It prints its issuer as a line, takes
// a further redirect address from each line that follows on its standard input, and ends
// with it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tidings-im/tidings/test/openid"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	in := bufio.NewScanner(os.Stdin)
	if !in.Scan() {
		return in.Err()
	}
	var o openid.Options
	if err := json.Unmarshal(in.Bytes(), &o); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	o.Issuer = "http://" + listener.Addr().String()
	p, err := openid.New(o)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		for in.Scan() {
			p.AddRedirectURI(in.Text())
		}
		_ = server.Close()
	}()
	fmt.Fprintln(os.Stdout, o.Issuer)
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}
