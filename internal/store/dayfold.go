package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/store/engine"
)

const (
	dayFoldOf   = `SELECT day, through, tasks, everyone, minutes, tally FROM day_fold WHERE organization = $1 AND agent_id = $2`
	dayFoldSave = `INSERT INTO day_fold (organization, agent_id, day, through, tasks, everyone, minutes, tally)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (organization, agent_id) DO UPDATE SET day = excluded.day, through = excluded.through, tasks = excluded.tasks,
			everyone = excluded.everyone, minutes = excluded.minutes, tally = excluded.tally
		WHERE (day_fold.day, day_fold.through) < (excluded.day, excluded.through)`
)

// SavedDay returns what an agent's day added up to; see notify.SavedDays.
func (s *Tasks) SavedDay(ctx context.Context, organization, agentID int64) (notify.DayFold, bool, error) {
	d := notify.DayFold{Organization: organization, AgentID: agentID}
	var minutes string
	err := s.db.read().QueryRowContext(engine.Urgent(ctx), dayFoldOf, organization, agentID).
		Scan(&d.Day, &d.Through, &d.Tasks, &d.Everyone, &minutes, &d.Tally)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	if err == nil {
		err = fromJSON("day of agent", agentID, minutes, &d.Minutes)
	}
	return d, err == nil, s.db.explain(err)
}

// SaveDay keeps it; see notify.SavedDays.
func (s *Tasks) SaveDay(ctx context.Context, d notify.DayFold) error {
	minutes, err := json.Marshal(d.Minutes)
	if err != nil {
		return err
	}
	return s.db.write(ctx, engine.Background, func(ctx context.Context, tx engine.Querier) error {
		_, err := tx.ExecContext(ctx, dayFoldSave, d.Organization, d.AgentID, d.Day, d.Through, d.Tasks, d.Everyone, string(minutes), d.Tally)
		return err
	})
}
