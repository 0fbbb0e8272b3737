package live_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/inbox"
)

func TestSlowReaderEndsAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		slow, fast := connect(t, h, ann, nil), connect(t, h, ann, nil)
		settle(time.Second)
		slow.stall(true)
		began := time.Now()
		const sends = 3000
		for range sends {
			m.send(1, 5)
			if m.nextTask%100 == 0 {
				h.Committed(1, m.nextTask)
				settle(10 * time.Millisecond)
			}
		}
		settle(time.Second)
		if !slow.gone() {
			t.Error("a full queue did not end its stream")
		}
		if got := fast.named("message"); len(got) != sends || got[sends-1].at.Sub(began) > 2*time.Second {
			t.Errorf("the other stream got %d of %d", len(got), sends)
		}
		if fast.gone() {
			t.Error("the other stream ended too")
		}
		// It heals by resuming.
		slow = connect(t, h, ann, rev(sends-10))
		settle(time.Second)
		if n := len(slow.named("message")); n != 10 {
			t.Errorf("%d of 10 after resuming", n)
		}
	})
}

func TestDeadReaderEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		c.stall(true)
		_, r := m.send(1, 5)
		h.Committed(1, r)
		settle(9 * time.Second)
		if c.gone() {
			t.Fatal("ended too early")
		}
		settle(2 * time.Second)
		if !c.gone() || h.Streams() != 0 {
			t.Errorf("a reader that takes nothing is kept: %d streams", h.Streams())
		}
	})
}

func TestClientLeavesWhileWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		c.stall(true)
		_, r := m.send(1, 5)
		h.Committed(1, r)
		settle(time.Second)
		c.leave()
		synctest.Wait()
		if !c.gone() {
			t.Error("the stream waits for its deadline")
		}
	})
}

func TestCloseEndsAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		var all []*client
		for i := range uint32(40) {
			all = append(all, connect(t, h, inbox.Viewer{Organization: int64(i % 3), Ordinal: i}, nil))
		}
		settle(time.Second)
		for i, c := range all {
			c.stall(i%2 == 0)
		}
		for organization := range int64(3) {
			everyone := make([]uint32, 40)
			for i := range everyone {
				everyone[i] = uint32(i)
			}
			_, r := m.send(organization, everyone...)
			h.Committed(organization, r)
		}
		settle(time.Second)
		began := time.Now()
		h.Close()
		synctest.Wait()
		if took := time.Since(began); took > time.Second {
			t.Errorf("Close took %v", took)
		}
		for _, c := range all {
			if !c.gone() || c.err != nil {
				t.Fatalf("a stream goes on, or failed: %v", c.err)
			}
		}
		late := connect(t, h, ann, nil)
		synctest.Wait()
		if !late.gone() || !fault.Is(late.err, fault.CodeBusy) {
			t.Errorf("a stream after Close: %v", late.err)
		}
	})
}

// A hint may come from under any lock: it waits for nobody.
func TestHintsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		c := connect(t, h, ann, nil)
		settle(time.Second)
		c.stall(true)
		hold := make(chan struct{})
		m.between = func(string) { <-hold }
		began := time.Now()
		for range 10_000 {
			id, r := m.send(1, 5)
			h.Committed(1, r)
			h.Recalled(1, id)
			h.Read(1, []uint32{5})
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("hints waited %v", took)
		}
		close(hold)
	})
}

func TestFeedEndsWithItsLastStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		var reads atomic.Int64
		m.between = func(string) { reads.Add(1) }
		c := connect(t, h, ann, nil)
		settle(time.Second)
		c.leave()
		settle(time.Millisecond)
		reads.Store(0)
		settle(time.Hour)
		if n := reads.Load(); n != 0 {
			t.Errorf("%d reads for nobody", n)
		}
	})
}

func TestDatabaseThatHangsRefusesStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		h := hub(t, m)
		m.hangs.Store(true)
		early := connect(t, h, ann, nil) // its feed cannot begin
		settle(9 * time.Second)
		if early.gone() {
			t.Fatal("refused too early")
		}
		settle(2 * time.Second)
		if !early.gone() || !fault.Is(early.err, fault.CodeBusy) || early.status != 0 {
			t.Errorf("refused with %v, status %d", early.err, early.status)
		}
		waiting := connect(t, h, ann, nil)
		synctest.Wait()
		h.Close()
		synctest.Wait()
		if !waiting.gone() || !fault.Is(waiting.err, fault.CodeBusy) {
			t.Errorf("ended by Close with %v", waiting.err)
		}
	})
}
