package app_test

import (
	"database/sql"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // writes behind the store's back
	_ "modernc.org/sqlite"

	"github.com/tidings-im/tidings/internal/fault"
)

// A ciphertext moved to another row, or changed, is no secret there.
func TestCiphertextsAreBoundToTheirRows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx, n, o := t.Context(), w.mustNode(t), w.mustOrganization(t, "One")
		a, b := n.mustApp(t, o.ID, "A"), n.mustApp(t, o.ID, "B")
		driver, source := "pgx", w.address
		if path, ok := strings.CutPrefix(w.address, "sqlite:"); ok {
			driver, source = "sqlite", path
		}
		db, err := sql.Open(driver, source)
		must(t, err)
		defer db.Close()
		_, err = db.ExecContext(ctx, `UPDATE app_secret SET ciphertext =
			(SELECT s.ciphertext FROM app_secret s WHERE s.app_id = $1) WHERE app_id = $2`, a.ID, b.ID)
		must(t, err)
		for _, secret := range []string{a.secret, b.secret} {
			token, err := n.TokenByKey(ctx, b.Key, secret)
			wantCode(t, fault.From(err), fault.CodeInternal)
			if token.Value != "" || strings.Contains(err.Error(), secret) {
				t.Errorf("token %q, error %v", token.Value, err)
			}
		}
		n.mustToken(t, a)
	})
}
