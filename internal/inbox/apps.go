package inbox

import (
	"context"
	"fmt"
	"time"
)

// Apps is who has sent somebody something, the latest first.
type Apps struct {
	Items []AppItem `json:"items" doc:"The apps, that of the newest message first; the limit is 200."`
	// Complete says that nobody is missing and that every time is the last.
	Complete bool `json:"complete" doc:"False when the search ended early: apps whose last message lies far back may be missing or shown with an earlier one."`
}

// AppItem is one sender, and when it last sent something.
type AppItem struct {
	AgentID    string    `json:"agent_id" doc:"The app's installation in this organization; goes into app of the list of messages."`
	Name       string    `json:"name" doc:"The app's name."`
	Icon       string    `json:"icon" doc:"Where its icon is; may be empty."`
	LastSentAt time.Time `json:"last_sent_at" doc:"When its newest message to this person was accepted, a recalled one too."`
}

// Apps returns the apps that have sent somebody something, recalled messages
// included, at most 200. CodeOrganizationUnknown.
//
// It costs as much as a page at most: it looks through the newest 2,000 filed
// rows, and for the newest of each app's large sends that the viewer is a
// member of, 2,000 of them altogether. An app whose last message lies further
// back may be missing or be shown with an earlier one; then the answer is not
// complete. Usually one filed walk and one large send for each app are enough.
func (s *Service) Apps(ctx context.Context, v Viewer) (Apps, error) {
	apps, err := s.apps(ctx, v)
	if err != nil {
		return Apps{}, fmt.Errorf("inbox.Apps: %w", err)
	}
	return apps, nil
}

func (s *Service) apps(ctx context.Context, v Viewer) (Apps, error) {
	found, complete, err := s.latest(ctx, v)
	if err != nil {
		return Apps{}, err
	}
	const most = 200
	if len(found) > most {
		found, complete = found[:most], false
	}
	sent, err := s.store.SentAt(ctx, v.Organization, taskIDs(found))
	if err != nil {
		return Apps{}, err
	}
	d := itemBuilder{Service: s, organization: v.Organization, senders: map[int64]Sender{}}
	apps := Apps{Items: make([]AppItem, 0, len(found)), Complete: complete}
	for _, k := range found {
		at, ok := sent[k.TaskID]
		if !ok {
			continue // no longer kept
		}
		sender, err := d.sender(ctx, k.AgentID)
		if err != nil {
			return Apps{}, err
		}
		apps.Items = append(apps.Items, AppItem{AgentID: id(k.AgentID), Name: sender.Name, Icon: sender.Icon, LastSentAt: at})
	}
	return apps, nil
}

// latest returns the viewer's newest message of every app, newest first, and
// whether it could look far enough to know.
func (s *Service) latest(ctx context.Context, v Viewer) (found []Key, complete bool, err error) {
	revision, rows, err := s.store.Filed(ctx, v, Span{Before: newest}, s.bounds.filed)
	if err != nil {
		return nil, false, err
	}
	newestOf, complete, err := s.latestFiled(ctx, v, rows)
	if err != nil {
		return nil, false, err
	}
	list, _, err := s.sends.upTo(ctx, v.Organization, revision, 0)
	if err != nil {
		return nil, false, err
	}
	c := newestPerApp{sends: s.sends, list: list, ordinal: v.Ordinal, left: s.bounds.examine, newestOf: newestOf}
	all, err := c.run(ctx, revision)
	if err != nil {
		return nil, false, err
	}
	for _, k := range newestOf {
		found = append(found, k)
	}
	newestFirst(found)
	return found, complete && all, nil
}

// latestFiled looks through filed rows; rows are the first of them.
func (s *Service) latestFiled(ctx context.Context, v Viewer, rows []Key) (newestOf map[int64]Key, all bool, err error) {
	newestOf = map[int64]Key{}
	for seen := 0; ; {
		for _, k := range rows {
			if _, known := newestOf[k.AgentID]; !known {
				newestOf[k.AgentID] = k
			}
		}
		if seen += len(rows); len(rows) < s.bounds.filed {
			return newestOf, true, nil
		}
		if seen >= s.bounds.examine {
			return newestOf, false, nil
		}
		_, rows, err = s.store.Filed(ctx, v, Span{Before: rows[len(rows)-1].Revision}, s.bounds.filed)
		if err != nil {
			return nil, false, fmt.Errorf("read filed rows: %w", err)
		}
	}
}
