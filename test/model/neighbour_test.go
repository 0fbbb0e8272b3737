package model_test

import (
	"context"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/internal/directory"
	"github.com/tidings-im/tidings/test/harness"
)

// neighbour is an organization beside the one under test, with the same
// userids and ordinals. Nothing that happens there may be seen or touched here.
type neighbour struct {
	app    *sender
	boss   *harness.Reader
	task   int64
	before []client.Item
}

func (w *world) newNeighbour() (neighbour, error) {
	id, m, err := w.newFirm()
	if err != nil {
		return neighbour{}, err
	}
	var n neighbour
	if n.app, err = w.newSender(id, &agent{name: "Neighbour", reach: directory.Range{Everyone: true}, grant: true}, false); err != nil {
		return n, err
	}
	if n.boss, err = w.reader(id, m.people[0]); err != nil {
		return n, err
	}
	for i, to := range []client.Audience{{Everyone: true}, {Userids: []string{m.people[0].userid}}} {
		words := fmt.Sprintf("next door %d", i)
		if n.task, err = n.app.Send(context.Background(), to, newContent("oa_bar", words).message, ""); err != nil {
			return n, err
		}
	}
	n.before, _, err = n.boss.Walk(context.Background())
	if err == nil && len(n.before) != 2 {
		err = fmt.Errorf("the neighbour has %d messages", len(n.before))
	}
	return n, err
}

// untouched reports whether everything is as it was.
func (n *neighbour) untouched() error {
	now, _, err := n.boss.Walk(context.Background())
	if err != nil {
		return err
	}
	if diff := cmp.Diff(n.before, now); diff != "" {
		return fmt.Errorf("the neighbour's inbox has changed:\n%s", diff)
	}
	return nil
}
