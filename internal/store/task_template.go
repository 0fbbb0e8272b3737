package store

import (
	"context"
	"time"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const sqlSelectTemplateStanding = `SELECT live, disabled_at FROM template
		WHERE organization = $1 AND id = $2 AND app_id = $3 AND deleted_at IS NULL`

func (s *taskStore) TemplateStanding(ctx context.Context, provider, appID int64, id string) (notify.TemplateStanding, error) {
	t, err := templateStanding(engine.Urgent(ctx), s.db.read(), sqlSelectTemplateStanding, provider, appID, id)
	return t, s.db.toFault(err)
}

// TemplateStanding keeps the template as it is until the transaction ends.
func (t *taskTx) TemplateStanding(ctx context.Context, provider, appID int64, id string) (notify.TemplateStanding, error) {
	return templateStanding(ctx, t.tx, sqlSelectTemplateStanding+t.db.engine.RowShare(), provider, appID, id)
}

func templateStanding(
	ctx context.Context, q engine.Querier, query string, provider, appID int64, id string,
) (t notify.TemplateStanding, err error) {
	var disabled time.Time
	t.Known, err = readRow(ctx, q, query, []any{&t.Live, (*millis)(&disabled)}, provider, id, appID)
	t.Disabled = !disabled.IsZero()
	return t, err
}
