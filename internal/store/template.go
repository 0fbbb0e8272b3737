package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/template"
)

// Templates keeps templates and what was done to them.
func (d *DB) Templates() review.Store { return &templateStore{d} }

type templateStore struct{ db *DB }

const (
	versionColumns = `v.number, v.state, v.edition, v.authors, v.created_at, v.saved_at, v.submitted_at, v.submitted_by,
		v.decided_at, v.decided_by, v.reason, v.form`
	templateColumns = `t.organization, t.app_id, t.id, t.created_at, t.live, t.disabled_at, t.edition, v.third_party, ` + versionColumns
	newestVersion   = ` JOIN template_version v ON v.organization = t.organization AND v.template_id = t.id AND v.number = t.newest `

	sqlSelectTemplateCount = `SELECT COUNT(*) FROM template WHERE organization = $1 AND app_id = $2 AND deleted_at IS NULL`
	sqlInsertTemplate      = `INSERT INTO template (organization, id, app_id, newest, live, edition, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlUpdateTemplate      = `UPDATE template SET newest = $3, live = $4, disabled_at = $5, deleted_at = $6, edition = $7 WHERE organization = $1 AND id = $2`
	sqlLockTemplate        = `SELECT organization FROM template WHERE organization = $1 AND id = $2 AND app_id = $3 AND deleted_at IS NULL`
	sqlSelectTemplateByID  = `SELECT ` + templateColumns + ` FROM template t` + newestVersion + `
		WHERE t.organization = $1 AND t.id = $2 AND t.app_id = $3 AND t.deleted_at IS NULL`
	sqlSelectTemplatesOfApp = `SELECT ` + templateColumns + ` FROM template t` + newestVersion + `
		WHERE t.organization = $1 AND t.app_id = $2 AND t.deleted_at IS NULL ORDER BY t.created_at`
	newestTemplates       = templateColumns + ` FROM template t` + newestVersion
	sqlSelectTemplateList = `SELECT ` + newestTemplates + `WHERE t.organization = $1 AND t.deleted_at IS NULL
		AND (t.created_at, t.id) < ($2, $3) ORDER BY t.created_at DESC, t.id DESC LIMIT $4`
	sqlSelectTemplateListOfApp = `SELECT ` + newestTemplates + `WHERE t.organization = $1 AND t.deleted_at IS NULL
		AND (t.created_at, t.id) < ($2, $3) AND t.app_id = $5 ORDER BY t.created_at DESC, t.id DESC LIMIT $4`

	sqlSelectTemplatesByID = `SELECT ` + newestTemplates + `WHERE t.organization = $1 AND t.deleted_at IS NULL AND t.id IN (%s)`
	sqlSelectSteps         = `SELECT n, action, subject FROM audit_entry WHERE organization = $1 AND n > $2 ORDER BY n LIMIT $3`

	sqlUpsertVersion = `INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at,
		submitted_at, submitted_by, decided_at, decided_by, reason, form, third_party) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (organization, template_id, number) DO UPDATE SET state = excluded.state, edition = excluded.edition,
		authors = excluded.authors, saved_at = excluded.saved_at, submitted_at = excluded.submitted_at,
		submitted_by = excluded.submitted_by, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
		reason = excluded.reason, form = excluded.form`
	sqlSelectVersions = `SELECT ` + versionColumns + ` FROM template_version v
		WHERE v.organization = $1 AND v.template_id = $2 ORDER BY v.number DESC`
	sqlDeleteUnsubmittedVersions = `DELETE FROM template_version WHERE organization = $1 AND template_id = $2 AND NOT EXISTS (
		SELECT 1 FROM template_version s WHERE s.organization = $1 AND s.template_id = $2 AND s.submitted_at IS NOT NULL)`
	sqlDeleteUnsubmittedTemplate = `DELETE FROM template WHERE organization = $1 AND id = $2 AND NOT EXISTS (
		SELECT 1 FROM template_version s WHERE s.organization = $1 AND s.template_id = $2)`
	sqlDeleteVersion = `DELETE FROM template_version WHERE organization = $1 AND template_id = $2 AND number = $3`
	sqlSelectVersion = `SELECT ` + versionColumns + ` FROM template_version v
		WHERE v.organization = $1 AND v.template_id = $2 AND v.number = $3`
)

// Create counts the templates of an app under the app's lock.
func (s *templateStore) Create(ctx context.Context, t review.Template, most int, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := s.db.lockApp(ctx, tx, t.Organization, t.AppID); err != nil {
			return nil, err
		}
		var n int64
		if err := tx.QueryRowContext(ctx, sqlSelectTemplateCount, t.Organization, t.AppID).Scan(&n); err != nil {
			return nil, err
		}
		if n >= int64(most) {
			return nil, fault.New(fault.CodeConflict, "the app has %d templates, delete one first", n).WithLimit(int64(most), n+1)
		}
		if _, err := tx.ExecContext(ctx, sqlInsertTemplate, t.Organization, t.ID, t.AppID, t.Newest.Number, t.Live, t.Edition, t.CreatedAt.UnixMilli()); err != nil {
			return nil, err
		}
		if err := putVersion(ctx, tx, &t, &t.Newest); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, nil
	})
}

// Change asks and writes under the template's lock.
func (s *templateStore) Change(ctx context.Context, organization, appID int64, id string, step review.Step) (review.Template, error) {
	var t review.Template
	err := s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, review.Unknown, sqlLockTemplate+s.db.engine.RowLock(), organization, id, appID); err != nil {
			return nil, err
		}
		before, err := templateByID(ctx, tx, organization, appID, id)
		if err != nil {
			return nil, err
		}
		c, err := step(before)
		if err != nil {
			return nil, err
		}
		t = c.Template
		if c.Before != nil {
			if err := putVersion(ctx, tx, &t, c.Before); err != nil {
				return nil, err
			}
		}
		if err := putVersion(ctx, tx, &t, &t.Newest); err != nil {
			return nil, err
		}
		if err := putParts(ctx, tx, &before, &t); err != nil {
			return nil, err
		}
		if err := putTemplate(ctx, tx, c); err != nil {
			return nil, err
		}
		said, err := saidBefore(ctx, tx, c)
		if err != nil || said {
			return nil, err
		}
		return []audit.Entry{c.Entry}, nil
	})
	return t, err
}

// putTemplate writes a template's own row, and takes out what a change leaves nothing of.
func putTemplate(ctx context.Context, tx engine.Querier, c review.Change) error {
	t, deleted := c.Template, time.Time{}
	if c.Delete {
		deleted = c.Entry.At
	}
	_, err := tx.ExecContext(ctx, sqlUpdateTemplate, t.Organization, t.ID, t.Newest.Number, t.Live,
		toNullMillis(t.DisabledAt), toNullMillis(deleted), t.Edition)
	switch {
	case err != nil:
		return err
	case c.Delete:
		return dropUnsubmitted(ctx, tx, t.Organization, t.ID)
	case c.Discard > 0:
		_, err = tx.ExecContext(ctx, sqlDeleteVersion, t.Organization, t.ID, c.Discard)
	}
	return err
}

// dropUnsubmitted takes a template out of the database of which nobody but its
// authors has ever seen a version. The others stay, for the sake of what was sent
// with them.
func dropUnsubmitted(ctx context.Context, tx engine.Querier, organization int64, id string) error {
	for _, drop := range [...]string{sqlDeleteUnsubmittedVersions, sqlDeleteUnsubmittedTemplate} {
		if _, err := tx.ExecContext(ctx, drop, organization, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *templateStore) TemplateByID(ctx context.Context, organization, appID int64, id string) (review.Template, error) {
	t, err := templateByID(ctx, s.db.read(), organization, appID, id)
	return t, s.db.toFault(err)
}

func templateByID(ctx context.Context, q engine.Querier, organization, appID int64, id string) (t review.Template, err error) {
	into := templateInto(&t, asJSON(&t.Newest.Form))
	err = needRow(ctx, q, review.Unknown, sqlSelectTemplateByID, into, organization, id, appID)
	return t, err
}

func (s *templateStore) Templates(ctx context.Context, organization, appID int64) ([]review.Template, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectTemplatesOfApp, func(t *review.Template) []any {
		return templateInto(t, asBriefForm(&t.Newest.Form))
	}, organization, appID)
	return list, s.db.toFault(err)
}

func (s *templateStore) List(ctx context.Context, organization, appID int64, before review.Place, limit int) ([]review.Template, error) {
	at := int64(math.MaxInt64)
	if !before.At.IsZero() {
		at = before.At.UnixMilli()
	}
	query, args := sqlSelectTemplateList, []any{organization, at, before.ID, limit}
	if appID != 0 {
		query, args = sqlSelectTemplateListOfApp, append(args, appID)
	}
	var list []review.Template
	var t review.Template
	err := readEach(ctx, s.db.read(), query, templateInto(&t, asJSON(&t.Newest.Form)), func() error {
		list = append(list, t)
		return nil
	}, args...)
	return list, s.db.toFault(err)
}

func (s *templateStore) Versions(ctx context.Context, organization int64, id string) ([]review.Version, error) {
	list, err := readRows(ctx, s.db.read(), sqlSelectVersions, func(v *review.Version) []any {
		return versionInto(v, asBriefForm(&v.Form))
	}, organization, id)
	return list, s.db.toFault(err)
}

func (s *templateStore) Version(ctx context.Context, organization int64, id string, number int) (v review.Version, err error) {
	missing := func() error { return review.NoVersion(number) }
	into := versionInto(&v, asJSON(&v.Form))
	err = needRow(ctx, s.db.read(), missing, sqlSelectVersion, into, organization, id, number)
	return v, s.db.toFault(err)
}

func (s *templateStore) LastStep(ctx context.Context, organization int64) (int64, error) {
	head, err := s.db.AuditLog().AuditHead(ctx, organization)
	return head.N, err
}

func (s *templateStore) Steps(ctx context.Context, organization, after int64, limit int) ([]review.Logged, error) {
	steps, err := readRows(ctx, s.db.read(), sqlSelectSteps, func(one *review.Logged) []any {
		return []any{&one.N, &one.Action, &one.Subject}
	}, organization, after, limit)
	return steps, s.db.toFault(err)
}

func (s *templateStore) TemplatesByID(ctx context.Context, organization int64, ids []string) ([]review.Template, error) {
	var list []review.Template
	var t review.Template
	err := readEachIn(ctx, s.db.read(), sqlSelectTemplatesByID, []any{organization}, ids, templateInto(&t, asBriefForm(&t.Newest.Form)), func() error {
		list = append(list, t)
		return nil
	})
	return list, s.db.toFault(err)
}

// putVersion writes a version of a template.
func putVersion(ctx context.Context, tx engine.Querier, t *review.Template, v *review.Version) error {
	var to encoder
	authors := make([]string, len(v.Authors))
	for i, p := range v.Authors {
		authors[i] = stored(p)
	}
	values := []any{
		t.Organization, t.ID, v.Number, string(v.State), v.Edition, strings.Join(authors, ","),
		v.CreatedAt.UnixMilli(), v.SavedAt.UnixMilli(), toNullMillis(v.SubmittedAt), stored(v.SubmittedBy),
		toNullMillis(v.DecidedAt), stored(v.DecidedBy), v.Reason, to.json(v.Form), flag(t.ThirdParty),
	}
	return to.exec(ctx, tx, sqlUpsertVersion, values)
}

// templateInto is where templateColumns go; form is how much is read of the form.
func templateInto(t *review.Template, form sql.Scanner) []any {
	return append(
		[]any{&t.Organization, &t.AppID, &t.ID, (*millis)(&t.CreatedAt), &t.Live, (*millis)(&t.DisabledAt), &t.Edition, &t.ThirdParty},
		versionInto(&t.Newest, form)...)
}

// versionInto is where versionColumns go.
func versionInto(v *review.Version, form sql.Scanner) []any {
	return []any{
		&v.Number, &v.State, &v.Edition, asActors(&v.Authors), (*millis)(&v.CreatedAt), (*millis)(&v.SavedAt),
		(*millis)(&v.SubmittedAt), asText(&v.SubmittedBy), (*millis)(&v.DecidedAt), asText(&v.DecidedBy), &v.Reason, form,
	}
}

func asActors(into *[]audit.Actor) sql.Scanner {
	return column(func(b []byte) error {
		var actors []audit.Actor
		for text := range strings.SplitSeq(string(b), ",") {
			var a audit.Actor
			if err := a.UnmarshalText([]byte(text)); err != nil {
				return err
			}
			actors = append(actors, a)
		}
		*into = actors
		return nil
	})
}

// asBriefForm reads of a form what a list needs: 500 templates with forms of 60 kB
// are not to be in memory at once.
func asBriefForm(into *template.Form) sql.Scanner {
	return column(func(b []byte) error {
		var brief struct {
			Kind template.Kind `json:"kind"`
			Name string        `json:"name"`
		}
		err := json.Unmarshal(b, &brief)
		*into = template.Form{Kind: brief.Kind, Name: strings.Clone(brief.Name)}
		return err
	})
}
