package demo

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// row is one line of the table: a message and what became of it.
type row struct {
	message  message
	task     int64
	progress progress
	result   result
	failed   error // it was not sent
	unknown  error // it was sent, and what became of it cannot be told (any more)
}

// first sends each message that was not sent yet and shows what became of all.
func (d *Demo) first(ctx context.Context, s *shown) error {
	s.client = &client{base: d.o.Local, http: d.o.HTTP}
	if err := s.client.login(ctx, s.state.Apps["sender"]); err != nil {
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
	task, err := s.client.send(ctx, to, body, "demo-"+m.name)
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
	id, err := s.client.upload(ctx, kind, name, content)
	if err != nil {
		return "", err
	}
	s.state.Media[kind] = id
	return id, d.state.note()
}

// resolve turns paths of departments into ids.
func (s *shown) resolve(a audience) (recipients, error) {
	to := recipients{everyone: a.everyone, userids: a.users}
	for _, path := range a.depts {
		id, ok := s.depts[path]
		if !ok {
			return to, fmt.Errorf("there is no department %s any more", path)
		}
		to.deptIDs = append(to.deptIDs, strconv.FormatInt(id, 10))
	}
	return to, nil
}

const settleTime = 5 * time.Second

// outcome asks for progress until the task is finished, then for its result.
func (s *shown) outcome(ctx context.Context, task int64) (progress, result, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		p, err := s.client.progress(ctx, task)
		if err != nil || p.Status == 2 {
			if err != nil {
				return p, result{}, err
			}
			r, err := s.client.result(ctx, task)
			return p, r, err
		}
		select {
		case <-ctx.Done():
			return p, result{}, fmt.Errorf("still at %d %%", p.Percent)
		case <-tick.C:
		}
	}
}
