package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
	servers "github.com/tidings-im/tidings/internal/node"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// overtaken is a store in which something happens just after the uses of keys were
// counted.
type overtaken struct {
	masterkey.RotationStore
	by func()
}

func (o *overtaken) KeyUses(ctx context.Context, numbers []int, now time.Time) (map[int]masterkey.Use, error) {
	uses, err := o.RotationStore.KeyUses(ctx, numbers, now)
	o.by()
	return uses, err
}

// A key that becomes an old one while others are dropped is not dropped with them:
// nobody has looked whether it is needed.
func TestDroppingIsOvertaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		n := w.mustNode(t)
		a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
		n.mustAdd(t)
		n.mustSwitch(t)
		n.mustToken(t, a)
		other := w.mustNode(t)
		slow := masterkey.Rotation{Ring: n.keys, Now: w.clock.now, Store: &overtaken{n.Store, func() {
			other.mustAdd(t)
			other.mustSwitch(t)
		}}}
		done, err := slow.Drop(t.Context(), operator, false)
		if err != nil || !slices.Equal(done.Keys, []int{1}) {
			t.Errorf("dropped %+v, %v", done, err)
		}
		other.mustPhases(t, "1 dropped", "2 old", "3 in use")
		must(t, n.Confirm(t.Context()))
		n.mustCaller(t, n.mustToken(t, a))
	})
}

var errKilled = errors.New("killed")

// failing is a store that fails at the n-th of what changes it, as a process that
// is killed there; 0 never.
type failing struct {
	masterkey.RotationStore
	at, calls int
}

func (f *failing) next() error {
	if f.calls++; f.calls == f.at {
		return errKilled
	}
	return nil
}

func (f *failing) ChangeKeys(ctx context.Context, change func(masterkey.Record, []servers.Node) (masterkey.Record, *audit.Entry, error)) error {
	if err := f.next(); err != nil {
		return err
	}
	return errors.Join(f.RotationStore.ChangeKeys(ctx, change), f.next())
}

func (f *failing) Reseal(ctx context.Context, rows []masterkey.Resealed) error {
	if err := f.next(); err != nil {
		return err
	}
	return errors.Join(f.RotationStore.Reseal(ctx, rows), f.next())
}

func (f *failing) EndTokensNotOf(ctx context.Context, number int, at time.Time, limit int) (int, error) {
	if err := f.next(); err != nil {
		return 0, err
	}
	n, err := f.RotationStore.EndTokensNotOf(ctx, number, at, limit)
	return n, errors.Join(err, f.next())
}

// Wherever a command is killed, before a write or after it, the same commands
// complete what it has begun, and meanwhile apps are served.
func TestInterruptedRotations(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines(t) {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, engine)
			n := w.mustNode(t)
			o := w.mustOrganization(t, "One")
			var apps []installed
			for i := range 120 { // more than one piece
				apps = append(apps, n.mustApp(t, o.ID, fmt.Sprint("A", i)))
			}
			third, _ := n.mustThirdParty(t, o)
			served := func() {
				t.Helper()
				must(t, n.Confirm(t.Context()))
				_, err := n.keys.Reload()
				must(t, err)
				a := apps[len(apps)-1]
				n.mustCaller(t, n.mustToken(t, a))
				n.mustCaller(t, n.mustCorpToken(t, third, o.CorpID))
			}
			steps := []func(s *masterkey.Rotation) error{
				func(s *masterkey.Rotation) error { _, err := s.Add(t.Context(), operator); return err },
				func(s *masterkey.Rotation) error { _, err := s.Switch(t.Context(), operator, 0); return err },
				func(s *masterkey.Rotation) error { _, err := s.Drop(t.Context(), operator, true); return err },
			}
			kills := 0
			for round := range 2 {
				for _, step := range steps {
					for at := 1; ; at++ {
						served()
						store := &failing{RotationStore: n.Store, at: at}
						keys, err := masterkey.Load(w.keyFile)
						must(t, err)
						must(t, keys.Bind(t.Context(), store))
						err = step(&masterkey.Rotation{Store: store, Ring: keys, Now: w.clock.now})
						served()
						if err == nil {
							break
						}
						if !errors.Is(err, errKilled) {
							t.Fatal(err)
						}
						kills++
					}
				}
				if k := n.mustKey(t, round+2); k.Phase != masterkey.PhaseInUse || k.Use.Secrets != 121 || k.Use.Tickets != 1 {
					t.Errorf("after round %d: %+v", round+1, k)
				}
			}
			n.mustPhases(t, "1 dropped", "2 dropped", "3 in use")
			if kills < 14 {
				t.Errorf("only %d kills", kills)
			}
		})
	}
}
