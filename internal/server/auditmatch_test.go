package server_test

import (
	"context"
	"errors"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/internal/sheet"
)

// lists are looked up for people.
func (d *deed) lists(m *made) []step {
	match := func(ctx context.Context, wrong error) error {
		_, err := d.rooms.Directory.Match(ctx, audit.ByOperator(), m.org, directory.MatchRequest{
			Agent: m.agent, Within: directory.Range{Everyone: true},
			Rows: func(yield func(sheet.Row, error) bool) { yield(sheet.Row{Line: 1, Cells: []string{"ben"}}, wrong) },
		})
		return err
	}
	return []step{{
		"Directory.Match", "people.match",
		func(ctx context.Context) error { return match(ctx, nil) },
		func(ctx context.Context) error { return match(ctx, errors.New("cannot be read")) },
	}}
}
