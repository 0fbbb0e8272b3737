package account_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/account"
	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/fault"
)

func TestLinksForMany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s, _ := w.node(t)
		var file strings.Builder
		file.WriteString("userid,name\n")
		for i := range account.LinksAtOnce + 5 {
			fmt.Fprintf(&file, "many%d,Many\n", i)
		}
		_, err := w.directory.Import(t.Context(), audit.ByOperator(), w.org, strings.NewReader(file.String()), directory.ImportOptions{})
		must(t, err)
		var people []uint32
		for i := range account.LinksAtOnce + 5 {
			ordinal, _ := w.directory.Ordinal(w.org, fmt.Sprint("many", i))
			people = append(people, ordinal, ordinal)
		}
		must(t, w.directory.DisableUser(t.Context(), audit.ByOperator(), w.org, "many3"))
		must(t, w.directory.DeleteUser(t.Context(), audit.ByOperator(), w.org, "many4"))
		made := map[uint32]string{}
		left, err := s.CreateSignInLinks(t.Context(), audit.ByOperator(), w.org, people, time.Hour, func(ordinal uint32, value string) error {
			if made[ordinal] != "" {
				t.Errorf("two links for %d", ordinal)
			}
			made[ordinal] = value
			return nil
		})
		must(t, err)
		if len(made) != account.LinksAtOnce+3 || len(left) != 2 {
			t.Fatalf("%d made, left out %v", len(made), left)
		}
		for ordinal, link := range made { // each works once, for its person
			if userid, _ := w.directory.Userid(w.org, ordinal); userid != "many0" && userid != "many204" {
				continue
			}
			signed, err := s.SignIn(t.Context(), account.SignInRequest{Link: link})
			if err != nil || signed.Viewer.Ordinal != ordinal {
				t.Errorf("%d: %+v, %v", ordinal, signed, err)
			}
			mustRefuseLink(t, s, link)
		}
		_, err = s.CreateSignInLinks(t.Context(), audit.ByOperator(), w.org, people, account.MaxLinkLife+1, nil)
		if !fault.Is(err, fault.CodeParameterInvalid) {
			t.Errorf("too long a life: %v", err)
		}
	})
}
