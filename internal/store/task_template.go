package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const templateStanding = `SELECT live, disabled_at FROM template
		WHERE organization = $1 AND id = $2 AND app_id = $3 AND deleted_at IS NULL`

// TemplateStanding is what a send asks outside its transaction; see
// notify.Templates.
func (s *Tasks) TemplateStanding(ctx context.Context, provider, appID int64, id string) (notify.TemplateStanding, error) {
	t, err := standingOf(engine.Urgent(ctx), s.db.read(), templateStanding, provider, appID, id)
	return t, s.db.explain(err)
}

// TemplateStanding keeps the template as it is until the transaction ends.
func (t *taskTx) TemplateStanding(ctx context.Context, provider, appID int64, id string) (notify.TemplateStanding, error) {
	return standingOf(ctx, t.tx, templateStanding+t.db.engine.RowShare(), provider, appID, id)
}

func standingOf(ctx context.Context, q engine.Querier, text string, provider, appID int64, id string) (t notify.TemplateStanding, err error) {
	var disabled sql.NullInt64
	err = q.QueryRowContext(ctx, text, provider, id, appID).Scan(&t.Live, &disabled)
	if errors.Is(err, sql.ErrNoRows) {
		return notify.TemplateStanding{}, nil
	}
	t.Known, t.Disabled = err == nil, disabled.Valid
	return t, err
}
