package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidings-im/tidings/internal/store/storetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tidings": main})
}

// The scripts in testdata are the specification of the command line. `database
// NAME` puts the address of an empty PostgreSQL database into the environment;
// scripts that use it begin with [!postgres] skip.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Condition: func(name string) (bool, error) {
			if name != "postgres" {
				return false, fmt.Errorf("unknown condition %s", name)
			}
			return storetest.HasPostgres(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await": await, "serving": serving, "get": get, "field": field, "exits": exits, "signin": signIn, "refused": refused, "trusted": trusted, "hangup": hangUp,
			"database": func(ts *testscript.TestScript, _ bool, args []string) {
				u, err := url.Parse(storetest.Address(t, "postgres"))
				ts.Check(err)
				password, _ := u.User.Password() // no command line takes it
				ts.Setenv("PGPASSWORD", password)
				u.User = url.User(u.User.Username())
				ts.Setenv(args[0], u.String())
			},
			"flip": flip,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("TIDINGS_CONFIG", os.DevNull) // whatever this machine has
			e.Setenv("TIDINGS_DATA", e.WorkDir+"/data")
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Setenv("PORT", fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
			return l.Close()
		},
	})
}

// patience is for machines that do much else at the same time.
const patience = time.Minute

// await FILE waits until the file is there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0]+" is there", func() bool {
		_, err := os.Stat(ts.MkAbs(args[0]))
		return err == nil
	})
}

// serving ADDRESS [TOKEN] waits until a GET answers with 200.
func serving(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0]+" answers", func() bool {
		w, err := http.DefaultClient.Do(request(ts, args))
		if err != nil {
			return false
		}
		return w.Body.Close() == nil && w.StatusCode == http.StatusOK
	})
}

// hangup sends SIGHUP to what runs in the background.
func hangUp(ts *testscript.TestScript, _ bool, _ []string) {
	for _, c := range ts.BackgroundCmds() {
		ts.Check(c.Process.Signal(syscall.SIGHUP))
	}
}

// trusted ADDRESS AUTHORITY CERT waits until a GET answers with 200, on a connection of
// its own, to a client that trusts the authority in one file and finds the certificate
// that is the first in the other.
func trusted(ts *testscript.TestScript, _ bool, args []string) {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(ts.ReadFile(args[1])))
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	until(ts, args[0]+" answers", func() bool {
		w, err := c.Do(request(ts, args[:1]))
		if err != nil {
			return false
		}
		expected, _ := pem.Decode([]byte(ts.ReadFile(args[2])))
		return w.Body.Close() == nil && w.StatusCode == http.StatusOK && bytes.Equal(w.TLS.PeerCertificates[0].Raw, expected.Bytes)
	})
}

// refused ADDRESS TOKEN waits until a GET answers with 401.
func refused(ts *testscript.TestScript, _ bool, args []string) {
	until(ts, args[0]+" is refused", func() bool {
		w, err := http.DefaultClient.Do(request(ts, args))
		ts.Check(err)
		return w.Body.Close() == nil && w.StatusCode == http.StatusUnauthorized
	})
}

func until(ts *testscript.TestScript, what string, done func() bool) {
	end, tick := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("%v have passed and not yet: %s", patience, what)
		}
	}
}

// exits CODE COMMAND… runs a command that must end with this code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// field NAME FILE PATH puts a value of a JSON file into the environment. PATH
// is made of names and numbers with dots between them.
func field(ts *testscript.TestScript, _ bool, args []string) {
	var value any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &value))
	for step := range strings.SplitSeq(args[2], ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			var i int
			_, err := fmt.Sscan(step, &i)
			ts.Check(err)
			if i >= len(v) {
				ts.Fatalf("%s has no %s", args[1], args[2])
			}
			value = v[i]
		}
	}
	if n, ok := value.(float64); ok {
		value = int64(n)
	}
	ts.Setenv(args[0], fmt.Sprint(value))
}

// get FILE ADDRESS [TOKEN] writes what a GET answers, its status first.
func get(ts *testscript.TestScript, _ bool, args []string) {
	w, err := http.DefaultClient.Do(request(ts, args[1:]))
	ts.Check(err)
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), fmt.Appendf(nil, "%d\n%s\n", w.StatusCode, text), 0o600))
}

// flip FILE changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	text, err := os.ReadFile(path)
	ts.Check(err)
	text[len(text)/2] ^= 1
	ts.Check(os.WriteFile(path, text, 0o600))
}

// signIn NAME BASE FILE uses the sign-in link that is alone on a line of FILE,
// as the page does, and puts the cookie into the environment.
func signIn(ts *testscript.TestScript, _ bool, args []string) {
	_, link, ok := strings.Cut(ts.ReadFile(args[2]), "/#sign-in=")
	link = strings.TrimSpace(link)
	if !ok || strings.ContainsAny(link, " \n") {
		ts.Fatalf("%s does not end in a sign-in link", args[2])
	}
	w, err := http.Post(args[1]+"/api/v1/sessions", "application/json", strings.NewReader(fmt.Sprintf(`{"link":%q}`, link)))
	ts.Check(err)
	defer w.Body.Close()
	if w.StatusCode != http.StatusCreated {
		ts.Fatalf("signing in: %s", w.Status)
	}
	ts.Setenv(args[0], strings.SplitN(w.Header.Get("Set-Cookie"), ";", 2)[0])
}

// request is a GET of an address, with a token or a cookie if there is one.
func request(ts *testscript.TestScript, args []string) *http.Request {
	r, err := http.NewRequest(http.MethodGet, args[0], http.NoBody)
	ts.Check(err)
	switch {
	case len(args) > 1 && strings.Contains(args[1], "tidings-"):
		r.Header.Set("Cookie", args[1])
	case len(args) > 1:
		r.Header.Set("Authorization", "Bearer "+args[1])
	}
	return r
}
