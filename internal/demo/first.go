package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/tidings-im/tidings/client"
)

// row is one line of the table: a message and what became of it.
type row struct {
	message  message
	task     int64
	progress client.Progress
	result   client.Result
	failed   error // it was not sent
	unknown  error // it was sent, and what became of it cannot be told (any more)
}

// first sends each message that was not sent yet and shows what became of all.
func (d *Demo) first(ctx context.Context, s *shown) error {
	s.client = d.appOf(s.state.Apps["sender"])
	if _, err := s.client.Token(ctx); err != nil {
		return err
	}
	rows := make([]row, 0, len(s.messages))
	for _, m := range s.messages {
		d.o.Note(s.name + ": " + m.name)
		r := row{message: m}
		if r.task, r.failed = d.sendOnce(ctx, s, m); r.failed == nil {
			r.progress, r.result, r.unknown = s.outcome(ctx, r.task)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rows = append(rows, r)
	}
	d.out.table(s.name, s.sender, rows)
	return d.state.save()
}

// appOf is an internal app as a client of the wire.
func (d *Demo) appOf(a *appState) *client.App {
	return d.wire().App(a.AgentID, client.AppKey{Key: a.Key, Secret: a.Secret})
}

// wire is the demo's own server, as its clients reach it.
func (d *Demo) wire() *client.Client {
	return client.New(d.o.Local, client.Options{HTTP: d.o.HTTP, Now: d.o.Now})
}

// sendOnce sends a message unless its task is noted. A start killed between
// the two sends again with the same key, which names the same task.
func (d *Demo) sendOnce(ctx context.Context, s *shown, m message) (int64, error) {
	if task, ok := s.state.Sent[m.name]; ok {
		return task, nil
	}
	var failed error
	body := m.body(func(kind string) string {
		id, err := d.mediaID(ctx, s, kind)
		if err != nil && failed == nil {
			failed = err
		}
		return id
	})
	if failed != nil {
		return 0, failed
	}
	to, err := s.resolve(m.to)
	if err != nil {
		return 0, err
	}
	task, err := s.client.Send(ctx, to, client.Raw(body), "demo-"+m.name)
	if err != nil {
		return 0, err
	}
	s.state.Sent[m.name] = task
	return task, d.state.note()
}

// mediaID uploads one of the sample files, once.
func (d *Demo) mediaID(ctx context.Context, s *shown, kind string) (string, error) {
	if id := s.state.Media[kind]; id != "" {
		return id, nil
	}
	var content []byte
	var err error
	name := map[string]string{"image": s.image, "voice": s.voice, "file": s.file}[kind]
	switch kind {
	case "image":
		content, err = picture()
	case "voice":
		content = sound()
	case "file":
		content = document(s.paper)
	}
	if err != nil {
		return "", err
	}
	id, err := s.client.Upload(ctx, kind, name, content)
	if err != nil {
		return "", err
	}
	s.state.Media[kind] = id
	return id, d.state.note()
}

// resolve turns paths of departments into ids.
func (s *shown) resolve(a audience) (client.Audience, error) {
	to := client.Audience{Everyone: a.everyone, Userids: a.users}
	for _, path := range a.depts {
		id, ok := s.depts[path]
		if !ok {
			return to, fmt.Errorf("there is no department %s any more", path)
		}
		to.DeptIDs = append(to.DeptIDs, id)
	}
	return to, nil
}

const settleTime = 5 * time.Second

// outcome asks for progress until the task is finished, then for its result.
func (s *shown) outcome(ctx context.Context, task int64) (client.Progress, client.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		p, err := s.client.Progress(ctx, task)
		if err != nil || p.Status == client.Finished {
			if err != nil {
				return p, client.Result{}, err
			}
			r, err := s.client.Result(ctx, task)
			return p, r, err
		}
		select {
		case <-ctx.Done():
			return p, client.Result{}, fmt.Errorf("still at %d %%", p.Percent)
		case <-tick.C:
		}
	}
}
