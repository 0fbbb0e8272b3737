package store

import (
	"context"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	sqlSelectDayFold = `SELECT day, through, tasks, everyone, minutes, tally FROM day_fold WHERE organization = $1 AND agent_id = $2`
	sqlUpsertDayFold = `INSERT INTO day_fold (organization, agent_id, day, through, tasks, everyone, minutes, tally)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (organization, agent_id) DO UPDATE SET day = excluded.day, through = excluded.through, tasks = excluded.tasks,
			everyone = excluded.everyone, minutes = excluded.minutes, tally = excluded.tally
		WHERE (day_fold.day, day_fold.through) < (excluded.day, excluded.through)`
)

func (s *taskStore) SavedDay(ctx context.Context, organization, agentID int64) (notify.DayFold, bool, error) {
	d := notify.DayFold{Organization: organization, AgentID: agentID}
	into := []any{&d.Day, &d.Through, &d.Tasks, &d.Everyone, asJSON(&d.Minutes), &d.Tally}
	found, err := readRow(engine.Urgent(ctx), s.db.read(), sqlSelectDayFold, into, organization, agentID)
	return d, found, s.db.toFault(err)
}

func (s *taskStore) SaveDay(ctx context.Context, d notify.DayFold) error {
	var to encoder
	values := []any{d.Organization, d.AgentID, d.Day, d.Through, d.Tasks, d.Everyone, to.json(d.Minutes), d.Tally}
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		return to.exec(ctx, tx, sqlUpsertDayFold, values)
	})
}
