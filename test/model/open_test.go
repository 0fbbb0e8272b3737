package model_test

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tidings-im/tidings/test/harness"
)

// open begins a new device, in one of the ways a client may begin.
func (h *history) open(t *rapid.T) {
	const most = 6
	if len(h.devices) >= most {
		t.Skip("enough devices")
	}
	p := h.someone(t)
	if len(h.devices) > 0 && rapid.IntRange(0, 2).Draw(t, "another") == 0 {
		if owner := rapid.SampledFrom(h.devices).Draw(t, "device").person; owner.active() {
			p = owner
		}
	}
	h.opened++
	d := newDevice(h.w, p, h.reader(t, p), fmt.Sprintf("device %d of %s", h.opened, p.userid))
	h.devices = append(h.devices, d)
	switch rapid.SampledFrom([]string{"pages first", "stream first", "events alone", "beyond"}).Draw(t, "how") {
	case "pages first":
		must(t, d.load())
		h.connect(t, d, byQuery, d.last)
	case "stream first":
		h.connect(t, d, fromNow, 0)
		must(t, d.load())
	case "events alone":
		h.connect(t, d, byHeader, 0)
	case "beyond":
		h.connect(t, d, byHeader, h.m.revision+1000)
	}
}

// connect opens a stream and compares its first event, which comes at once.
func (h *history) connect(t *rapid.T, d *device, how resume, after int64) {
	t.Helper()
	must(t, d.open(how, after, h.m.revision, false))
	must(t, d.begun())
	want := h.m.badge(d.person)
	d.mu.Lock()
	defer d.mu.Unlock()
	got := *d.badge
	want.MessageIDs, got.MessageIDs = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s opens with:\n%s", d.name, diff)
	}
}

// closed and live are devices by whether they are connected.
func (h *history) closed() []*device {
	return slices.DeleteFunc(slices.Clone(h.devices), func(d *device) bool { return d.now != nil })
}

func (h *history) live() []*device {
	return slices.DeleteFunc(slices.Clone(h.devices), func(d *device) bool { return d.now == nil })
}

func (h *history) drop(t *rapid.T) {
	all := h.live()
	if len(all) == 0 {
		t.Skip("nothing is open")
	}
	rapid.SampledFrom(all).Draw(t, "device").drop()
}

func (h *history) resume(t *rapid.T) {
	all := h.closed()
	if len(all) == 0 {
		t.Skip("nothing is closed")
	}
	d := rapid.SampledFrom(all).Draw(t, "device")
	how := rapid.SampledFrom([]resume{byHeader, byQuery, byBoth}).Draw(t, "by")
	after := d.last
	if rapid.IntRange(0, 3).Draw(t, "from earlier") == 0 {
		after = rapid.Int64Range(0, d.last).Draw(t, "after")
	}
	if !d.person.active() {
		must(t, d.open(how, after, h.m.revision, false))
		<-d.now.ended
		mustRefuse(t, d.now.err, http.StatusUnauthorized)
		d.drop()
		return
	}
	h.connect(t, d, how, after)
}

// mustBeShutOut wants the server to end all streams of somebody who may not
// look any more, and to refuse everything else.
func (h *history) mustBeShutOut(t *rapid.T, p *person) {
	t.Helper()
	for _, d := range h.live() {
		if d.person == p {
			must(t, d.lost())
		}
	}
	if p.token == "" {
		return
	}
	r := &harness.Reader{User: harness.User{APIToken: p.token}, Address: h.w.address, HTTP: h.w.http}
	_, err := getPage(r, query{})
	mustRefuse(t, err, http.StatusUnauthorized)
}
