package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/review"
	"github.com/tidings-im/tidings/internal/store/engine"
	"github.com/tidings-im/tidings/internal/template"
)

// Templates keeps templates and what was done to them. It implements
// review.Store.
type Templates struct{ db *DB }

// Templates returns the store of templates.
func (d *DB) Templates() *Templates { return &Templates{d} }

var _ review.Store = (*Templates)(nil)

const (
	versionColumns = `v.number, v.state, v.edition, v.authors, v.created_at, v.saved_at, v.submitted_at, v.submitted_by,
		v.decided_at, v.decided_by, v.reason, v.form`
	templateColumns = `t.organization, t.app_id, t.id, t.created_at, t.live, t.disabled_at, ` + versionColumns
	newestOf        = ` JOIN template_version v ON v.organization = t.organization AND v.template_id = t.id AND v.number = t.newest `

	templateCount  = `SELECT COUNT(*) FROM template WHERE organization = $1 AND app_id = $2 AND deleted_at IS NULL`
	templateInsert = `INSERT INTO template (organization, id, app_id, newest, live, created_at) VALUES ($1, $2, $3, $4, $5, $6)`
	templateUpdate = `UPDATE template SET newest = $3, live = $4, disabled_at = $5, deleted_at = $6 WHERE organization = $1 AND id = $2`
	templateLock   = `SELECT organization FROM template WHERE organization = $1 AND id = $2 AND app_id = $3 AND deleted_at IS NULL`
	templateByID   = `SELECT ` + templateColumns + ` FROM template t` + newestOf + `
		WHERE t.organization = $1 AND t.id = $2 AND t.app_id = $3 AND t.deleted_at IS NULL`
	templatesOf = `SELECT ` + templateColumns + ` FROM template t` + newestOf + `
		WHERE t.organization = $1 AND t.app_id = $2 AND t.deleted_at IS NULL ORDER BY t.created_at`

	versionInsert = `INSERT INTO template_version (organization, template_id, number, state, edition, authors, created_at, saved_at,
		submitted_at, submitted_by, decided_at, decided_by, reason, form) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (organization, template_id, number) DO UPDATE SET state = excluded.state, edition = excluded.edition,
		authors = excluded.authors, saved_at = excluded.saved_at, submitted_at = excluded.submitted_at,
		submitted_by = excluded.submitted_by, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
		reason = excluded.reason, form = excluded.form`
	versionsOf = `SELECT ` + versionColumns + ` FROM template_version v
		WHERE v.organization = $1 AND v.template_id = $2 ORDER BY v.number DESC`
	versionsDrop = `DELETE FROM template_version WHERE organization = $1 AND template_id = $2 AND NOT EXISTS (
		SELECT 1 FROM template_version s WHERE s.organization = $1 AND s.template_id = $2 AND s.submitted_at IS NOT NULL)`
	templateDrop = `DELETE FROM template WHERE organization = $1 AND id = $2 AND NOT EXISTS (
		SELECT 1 FROM template_version s WHERE s.organization = $1 AND s.template_id = $2)`
	versionByNumber = `SELECT ` + versionColumns + ` FROM template_version v
		WHERE v.organization = $1 AND v.template_id = $2 AND v.number = $3`
	templatesWaiting = `SELECT ` + templateColumns + `, a.name, a.kind, o.name,
		COALESCE((SELECT MIN(g.id) FROM agent g WHERE g.app_organization = t.organization AND g.app_id = t.app_id), 0)
		FROM template_version v
		JOIN template t ON t.organization = v.organization AND t.id = v.template_id AND t.deleted_at IS NULL
		JOIN app a ON a.organization = t.organization AND a.id = t.app_id
		JOIN organization o ON o.id = t.organization
		WHERE v.state = 'in_review' ORDER BY v.submitted_at`
)

// Create stores a template; see review.Store. Those of one app are counted
// under the app's lock.
func (s *Templates) Create(ctx context.Context, t review.Template, most int, e audit.Entry) error {
	return s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, appUnknown, appLock+s.db.engine.RowLock(), t.Organization, t.AppID); err != nil {
			return nil, err
		}
		var n int64
		if err := tx.QueryRowContext(ctx, templateCount, t.Organization, t.AppID).Scan(&n); err != nil {
			return nil, err
		}
		if n >= int64(most) {
			return nil, fault.New(fault.CodeConflict, "the app has %d templates, delete one first", n).WithLimit(int64(most), n+1)
		}
		if _, err := tx.ExecContext(ctx, templateInsert, t.Organization, t.ID, t.AppID, t.Newest.Number, t.Live, t.CreatedAt.UnixMilli()); err != nil {
			return nil, err
		}
		if err := putVersion(ctx, tx, t.Organization, t.ID, t.Newest); err != nil {
			return nil, err
		}
		return []audit.Entry{e}, nil
	})
}

// Change alters a template under its lock; see review.Store.
func (s *Templates) Change(ctx context.Context, organization, appID int64, id string, step review.Step) (review.Template, error) {
	var t review.Template
	err := s.db.administer(ctx, engine.Directory, func(ctx context.Context, tx engine.Querier) ([]audit.Entry, error) {
		if err := present(ctx, tx, review.Unknown, templateLock+s.db.engine.RowLock(), organization, id, appID); err != nil {
			return nil, err
		}
		before, err := templateOf(ctx, tx, organization, appID, id)
		if err != nil {
			return nil, err
		}
		c, err := step(before)
		if err != nil {
			return nil, err
		}
		t = c.Template
		if c.Before != nil {
			if err := putVersion(ctx, tx, organization, id, *c.Before); err != nil {
				return nil, err
			}
		}
		if err := putVersion(ctx, tx, organization, id, t.Newest); err != nil {
			return nil, err
		}
		var deleted time.Time
		if c.Delete {
			deleted = c.Entry.At
		}
		if _, err := tx.ExecContext(ctx, templateUpdate, organization, id, t.Newest.Number, t.Live, toNullMillis(t.DisabledAt), toNullMillis(deleted)); err != nil {
			return nil, err
		}
		if c.Delete {
			if err := dropUnsubmitted(ctx, tx, organization, id); err != nil {
				return nil, err
			}
		}
		said, err := saidBefore(ctx, tx, c)
		if err != nil || said {
			return nil, err
		}
		return []audit.Entry{c.Entry}, nil
	})
	return t, err
}

// dropUnsubmitted takes a template out of the database of which nobody but its
// authors has ever seen a version. The others stay, for the sake of what was sent
// with them.
func dropUnsubmitted(ctx context.Context, tx engine.Querier, organization int64, id string) error {
	for _, drop := range [...]string{versionsDrop, templateDrop} {
		if _, err := tx.ExecContext(ctx, drop, organization, id); err != nil {
			return err
		}
	}
	return nil
}

// TemplateByID returns a template; see review.Store.
func (s *Templates) TemplateByID(ctx context.Context, organization, appID int64, id string) (review.Template, error) {
	t, err := templateOf(ctx, s.db.read(), organization, appID, id)
	return t, s.db.explain(err)
}

func templateOf(ctx context.Context, q engine.Querier, organization, appID int64, id string) (review.Template, error) {
	var t review.Template
	row := newTemplateScan(&t, wholeForm)
	return t, found(review.Unknown, row, q.QueryRowContext(ctx, templateByID, organization, id, appID))
}

// Templates returns an app's templates; see review.Store.
func (s *Templates) Templates(ctx context.Context, organization, appID int64) ([]review.Template, error) {
	var list []review.Template
	err := eachRow(ctx, s.db.read(), templatesOf, func(rows *sql.Rows) error {
		var t review.Template
		row := newTemplateScan(&t, briefForm)
		if err := rows.Scan(row.into...); err != nil {
			return err
		}
		err := row.finish()
		list = append(list, t)
		return err
	}, organization, appID)
	return list, s.db.explain(err)
}

// Versions returns a template's versions; see review.Store.
func (s *Templates) Versions(ctx context.Context, organization int64, id string) ([]review.Version, error) {
	var list []review.Version
	err := eachRow(ctx, s.db.read(), versionsOf, func(rows *sql.Rows) error {
		var v review.Version
		row := newVersionScan(&v, briefForm)
		if err := rows.Scan(row.into...); err != nil {
			return err
		}
		err := row.finish()
		list = append(list, v)
		return err
	}, organization, id)
	return list, s.db.explain(err)
}

// Version returns one version; see review.Store.
func (s *Templates) Version(ctx context.Context, organization int64, id string, number int) (review.Version, error) {
	var v review.Version
	missing := func() error { return review.NoVersion(number) }
	err := found(missing, newVersionScan(&v, wholeForm), s.db.read().QueryRowContext(ctx, versionByNumber, organization, id, number))
	return v, s.db.explain(err)
}

// Waiting returns what is in review; see review.Store.
func (s *Templates) Waiting(ctx context.Context) ([]review.Waiting, error) {
	var list []review.Waiting
	err := eachRow(ctx, s.db.read(), templatesWaiting, func(rows *sql.Rows) error {
		var w review.Waiting
		var kind string
		row := newTemplateScan(&w.Template, briefForm)
		if err := rows.Scan(append(row.into, &w.App, &kind, &w.Provider, &w.AgentID)...); err != nil {
			return err
		}
		w.Internal = kind == "internal"
		err := row.finish()
		list = append(list, w)
		return err
	})
	return list, s.db.explain(err)
}

func putVersion(ctx context.Context, tx engine.Querier, organization int64, id string, v review.Version) error {
	form, err := json.Marshal(v.Form)
	if err != nil {
		return err
	}
	authors := make([]string, len(v.Authors))
	for i, p := range v.Authors {
		authors[i] = stored(p)
	}
	_, err = tx.ExecContext(ctx, versionInsert, organization, id, v.Number, string(v.State), v.Edition, strings.Join(authors, ","),
		v.CreatedAt.UnixMilli(), v.SavedAt.UnixMilli(), toNullMillis(v.SubmittedAt), stored(v.SubmittedBy),
		toNullMillis(v.DecidedAt), stored(v.DecidedBy), v.Reason, string(form))
	return err
}

func newTemplateScan(t *review.Template, read formReader) pending {
	var created int64
	var disabled sql.NullInt64
	v := newVersionScan(&t.Newest, read)
	return pending{
		into: append([]any{&t.Organization, &t.AppID, &t.ID, &created, &t.Live, &disabled}, v.into...),
		finish: func() error {
			t.CreatedAt, t.DisabledAt = fromMillis(created), fromNullMillis(disabled)
			return v.finish()
		},
	}
}

// formReader reads a stored form, or what a list needs of it: 500 templates with
// forms of 60 kB are not to be in memory at once.
type formReader func(stored string, f *template.Form) error

func wholeForm(stored string, f *template.Form) error { return json.Unmarshal([]byte(stored), f) }

func briefForm(stored string, f *template.Form) error {
	var brief struct {
		Kind template.Kind `json:"kind"`
		Name string        `json:"name"`
	}
	err := json.Unmarshal([]byte(stored), &brief)
	f.Kind, f.Name = brief.Kind, strings.Clone(brief.Name)
	return err
}

func newVersionScan(v *review.Version, read formReader) pending {
	var authors, submitter, decider, form string
	var created, saved int64
	var submitted, decided sql.NullInt64
	return pending{
		into: []any{
			&v.Number, &v.State, &v.Edition, &authors, &created, &saved, &submitted, &submitter, &decided, &decider, &v.Reason, &form,
		},
		finish: func() error {
			v.CreatedAt, v.SavedAt = fromMillis(created), fromMillis(saved)
			v.SubmittedAt, v.DecidedAt = fromNullMillis(submitted), fromNullMillis(decided)
			for author := range strings.SplitSeq(authors, ",") {
				var p audit.Actor
				if err := p.UnmarshalText([]byte(author)); err != nil {
					return err
				}
				v.Authors = append(v.Authors, p)
			}
			if err := read(form, &v.Form); err != nil {
				return fmt.Errorf("version %d: %w", v.Number, err)
			}
			return errors.Join(v.SubmittedBy.UnmarshalText([]byte(submitter)), v.DecidedBy.UnmarshalText([]byte(decider)))
		},
	}
}
