package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/callback"
)

// listening starts a program that takes everything that is posted to it with a token and
// an aes_key of a file, as an app with this key.
func (w *logWorld) listening(appKey, token, aesKey string) string {
	w.Helper()
	c, err := callback.NewCipher(token, aesKey, appKey)
	if err != nil {
		w.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		sealed := c.Seal("success")
		_ = json.NewEncoder(answer).Encode(map[string]string{"msg_signature": c.Sign("1", "n", sealed), "timeStamp": "1", "nonce": "n", "encrypt": sealed})
	}))
	w.Cleanup(s.Close)
	return s.URL
}

// mustListen gives an app a callback.
func (w *logWorld) mustListen(name string) (appKey string) {
	w.Helper()
	const token, aesKey = "token", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456"
	if err := w.raw.QueryRow(`SELECT app_key FROM app WHERE name = '` + name + `'`).Scan(&appKey); err != nil {
		w.Fatal(err)
	}
	file := filepath.Join(w.TempDir(), "secrets.json")
	if err := os.WriteFile(file, fmt.Appendf(nil, `{"token":%q,"aes_key":%q}`, token, aesKey), 0o600); err != nil {
		w.Fatal(err)
	}
	w.must("admin app callback set " + appKey + " " + w.listening(appKey, token, aesKey) + " --secret-file " + file)
	return appKey
}

// The doctor names each app that does not hear of its events, says why, and what to do;
// it fails for none of them, since the others are served.
func TestDoctorTellsOfCallbacks(t *testing.T) {
	t.Parallel()
	eachLogWorld(t, func(w *logWorld) {
		examine := func() string {
			w.Helper()
			code, out, _ := w.run("doctor --listen 127.0.0.1:0")
			if code != exitDone {
				w.Errorf("exit code %d: %s", code, out)
			}
			return out
		}
		tells := func(out string, patterns ...string) {
			w.Helper()
			for _, p := range patterns {
				if !regexp.MustCompile(`(?m)` + p).MatchString(out) {
					w.Errorf("nothing of %s in\n%s", p, out)
				}
			}
		}
		if out := examine(); regexp.MustCompile(`callbacks`).MatchString(out) {
			w.Errorf("where there are none: %s", out)
		}
		keys := map[string]string{}
		for _, name := range []string{"Notices", "Orders", "Holidays", "Rooms"} {
			keys[name] = w.mustListen(name)
		}
		w.must("admin users create ann Ann")
		tells(examine(), `^ok +callbacks: every app that has one hears of its events: 4$`) // no server runs, and they wait a moment

		of := func(table, name string) string {
			return fmt.Sprintf(`%s WHERE app_id = (SELECT id FROM app WHERE name = '%s')`, table, name)
		}
		now := time.Now()
		w.exec(of(fmt.Sprintf(`UPDATE callback SET failures = 4, failed_at = %d, next_at = %d, reason = 'it answers with status 503'`,
			now.UnixMilli(), now.Add(time.Minute).UnixMilli()), "Notices"))
		w.exec(of(fmt.Sprintf(`UPDATE callback_event SET at = %d`, now.Add(-time.Hour).UnixMilli()), "Orders"))
		w.exec(of(fmt.Sprintf(`UPDATE callback_event SET given_up_at = %d`, now.UnixMilli()), "Holidays"))
		out := examine()
		tells(
			out,
			`^warning +callbacks: Notices \(app `+keys["Notices"]+` of dingexample\): attempts that failed in a row: 4, the last one at .*: it answers with status 503; events that wait: 1$`,
			`^ +cure: have the app's program answer again, .*tidings admin --org dingexample app callback show `+keys["Notices"]+`$`,
			`^warning +callbacks: Orders .*: events that wait: 1, the oldest since .*, and no attempt has failed$`,
			`^ +cure: check that a server runs on this database`,
			`^warning +callbacks: Holidays .*: events given up: 1$`,
			`^ +cure: have the program read people and departments anew or, of an internal app, ask for them \(get_call_back_failed_result\)`,
		)
		if regexp.MustCompile(`Rooms`).MatchString(out) {
			w.Errorf("of an app that waits a moment only: %s", out)
		}
		w.must("admin app disable " + keys["Orders"]) // its events wait on purpose
		if out := examine(); regexp.MustCompile(`Orders`).MatchString(out) {
			w.Errorf("of an app that is switched off: %s", out)
		}
		w.exec(of(`UPDATE callback_event SET given_up_at = 1`, "Rooms"))
		w.must("admin users create bob Bob")
		w.exec(`UPDATE callback SET reason = 'away', failures = 1`)
		tells(examine(), `^warning +callbacks: Rooms .* failed in a row: 1, .*: away; events that wait: 1; events given up: 1$`)
	})
}

// Of many callbacks that fail, the doctor names the first ones and counts the others.
func TestDoctorTellsOfTheFirstCallbacks(t *testing.T) {
	t.Parallel()
	eachLogWorld(t, func(w *logWorld) {
		for i := range mostCallbacks + 2 {
			name := fmt.Sprint("Failing", i)
			w.must("admin app create " + name)
			w.mustListen(name)
		}
		w.must("admin users create ann Ann")
		w.exec(`UPDATE callback SET reason = 'away', failures = 1`)
		_, out, _ := w.run("doctor --listen 127.0.0.1:0")
		named := regexp.MustCompile(`(?m)^warning +callbacks: Failing`).FindAllString(out, -1)
		if len(named) != mostCallbacks || !regexp.MustCompile(`(?m)^warning +callbacks: further apps that do not hear of their events: 2$`).MatchString(out) {
			w.Errorf("%d of them are named:\n%s", len(named), out)
		}
	})
}
