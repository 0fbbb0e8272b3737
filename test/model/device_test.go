package model_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tidings-im/tidings/client"
	"github.com/tidings-im/tidings/test/harness"
)

// device is one browser of somebody: what it puts together from pages and
// events, over one connection after the other.
type device struct {
	w      *world
	person *person
	reader *harness.Reader
	name   string

	mu      sync.Mutex
	items   map[string]shown // by message id
	badge   *client.Unread
	last    int64 // the last revision it was told of
	stale   bool  // it has to load pages
	problem error // something no server may say
	changed chan struct{}

	now    *connection   // nil while it is closed
	before []*connection // to be checked
}

// connection is one stream and everything that came over it.
type connection struct {
	after    *int64 // nil: from now
	opened   int64  // in ticks, before it was asked for
	revision int64  // the model's, before it was asked for
	rushed   bool   // other things happened while it was opened
	cancel   context.CancelFunc
	ended    chan struct{}
	err      error // why it ended

	events []event // guarded by the device
}

// event is one event with the item in it, if there is one.
type event struct {
	harness.Event
	item shown
}

func newDevice(w *world, p *person, r *harness.Reader, name string) *device {
	return &device{w: w, person: p, reader: r, name: name, items: map[string]shown{}, changed: make(chan struct{}, 1)}
}

// load takes the whole inbox from pages.
func (d *device) load() error {
	all, err := walkPages(d.reader, query{limit: 100})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.items = map[string]shown{}
	for _, item := range all.items {
		d.items[item.MessageID] = item
	}
	d.last = max(d.last, all.revision)
	d.stale = false
	return nil
}

// resume says how a connection names where it goes on from.
type resume int

const (
	byHeader resume = iota // Last-Event-ID
	byQuery                // ?after=
	byBoth                 // the header wins
	fromNow
)

// open begins a connection and returns at once; await tells what became of it.
func (d *device) open(how resume, after, revision int64, rushed bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	c := &connection{revision: revision, rushed: rushed, cancel: cancel, ended: make(chan struct{}), opened: d.w.tick()}
	if how != fromNow {
		c.after = &after
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.reader.Address()+"/api/v1/inbox/events", http.NoBody)
	if err != nil {
		cancel()
		return err
	}
	text := strconv.FormatInt(after, 10)
	request.Header.Set("Authorization", "Bearer "+d.reader.APIToken)
	switch how {
	case byHeader:
		request.Header.Set("Last-Event-ID", text)
	case byQuery:
		request.URL.RawQuery = "after=" + text
	case byBoth:
		request.Header.Set("Last-Event-ID", text)
		request.URL.RawQuery = "after=0"
	case fromNow:
	}
	d.mu.Lock()
	d.now = c
	d.mu.Unlock()
	go func() {
		defer close(c.ended)
		defer cancel()
		c.err = d.follow(c, request)
		d.nudge()
	}()
	return nil
}

// follow reads a stream to its end. The error is never nil.
func (d *device) follow(c *connection, request *http.Request) error {
	// A stream of its own: no time limit, and no part in the pool.
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return &harness.Refused{Code: answer.StatusCode}
	}
	return harness.ReadEvents(answer.Body, func(e harness.Event) { d.apply(c, e) })
}

// apply changes what the device shows.
func (d *device) apply(c *connection, e harness.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.nudge()
	d.last = max(d.last, e.Revision)
	took := event{Event: e}
	var err error
	switch e.Name {
	case sentEntry, changedEntry:
		err = json.Unmarshal(e.Data, &took.item)
		d.items[took.item.MessageID] = took.item
	case recalledEntry:
		err = json.Unmarshal(e.Data, &took.item)
		d.items[took.item.MessageID] = took.item
	case "unread":
		d.badge = &client.Unread{}
		err = json.Unmarshal(e.Data, d.badge)
	case "reload":
		d.stale = true
	case "at":
	default:
		err = errors.New("it has an unknown name")
	}
	if err != nil && d.problem == nil {
		d.problem = fmt.Errorf("%s, event %s %d: %w: %.200s", d.name, e.Name, e.Revision, err, e.Data)
	}
	c.events = append(c.events, took)
}

func (d *device) nudge() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// patience is how long anything that must happen is waited for.
const patience = 20 * time.Second

// await waits until done, which is called with the device locked, says so. It
// fails when the connection ends before that.
func (d *device) await(what string, done func() bool) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	c := d.now
	for {
		d.mu.Lock()
		ok, problem := done(), d.problem
		d.mu.Unlock()
		if ok || problem != nil {
			return problem
		}
		select {
		case <-d.changed:
		case <-c.ended:
			d.mu.Lock()
			ok := done()
			d.mu.Unlock()
			if ok {
				return nil
			}
			return fmt.Errorf("%s waits for %s, and its stream ended: %w", d.name, what, c.err)
		case <-late.C:
			return fmt.Errorf("%s waits in vain for %s", d.name, what)
		}
	}
}

// begun waits for the first event of the connection.
func (d *device) begun() error {
	c := d.now
	return d.await("the first event", func() bool { return len(c.events) > 0 })
}

// drop ends the connection from the client's side.
func (d *device) drop() {
	c := d.now
	if c == nil {
		return
	}
	c.cancel()
	<-c.ended
	d.before = append(d.before, c)
	d.now = nil
}

// lost waits for the server to end the connection.
func (d *device) lost() error {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-d.now.ended:
		d.drop()
		return nil
	case <-late.C:
		return fmt.Errorf("%s is still connected", d.name)
	}
}
