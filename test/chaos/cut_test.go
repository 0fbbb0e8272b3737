package chaos_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/test/harness"
)

// The power is cut at random moments under sixteen senders. After the file
// system has replayed its journal, everything that was acknowledged is there;
// the ledger lies outside of it.
func TestChaosPowerCut(t *testing.T) {
	t.Parallel()
	fileSystems := []string{"xfs", "ext4"}
	all := setting(t, "TIDINGS_CHAOS_CUTS", 6, 1)
	fileSystems = fileSystems[:min(all, len(fileSystems))]
	cuts := all / len(fileSystems)
	for _, fs := range fileSystems {
		t.Run(fs, func(t *testing.T) {
			t.Parallel()
			image := harness.NewImage(t, fs)
			k := newKiller(t, inImage(image))
			k.connect()
			moments := random(k.seed, 2000)
			var restarts time.Duration
			for range cuts {
				k.cut(image, time.Duration(5+moments.IntN(1496))*time.Millisecond)
				began := time.Now()
				k.server = k.home.Demo(t)
				restarts += time.Since(began)
				k.connect()
				k.look()
				if t.Failed() {
					return
				}
			}
			k.settle()
			k.final(fmt.Sprintf("%s: %s, %s from start to serving on average",
				fs, plural(cuts, "power cut"), (restarts / time.Duration(cuts)).Round(time.Millisecond)))
		})
	}
}

// A server that does not sync its commits loses what it has acknowledged, and
// the cuts show it.
func TestChaosPowerCutShowsLoss(t *testing.T) {
	long(t)
	t.Parallel()
	image := harness.NewImage(t, "xfs")
	home := inImage(image)
	home.Command = []string{harness.Build(t, "plantednormal")}
	k := newKiller(t, home)
	k.connect()
	moments := random(k.seed, 2000)
	const most = 10
	for n := 1; n <= most; n++ {
		k.cut(image, time.Duration(200+moments.IntN(800))*time.Millisecond)
		k.server = k.home.Demo(t)
		k.connect()
		acknowledged, lost := k.lost()
		t.Logf("without syncing commits: cut %d lost %d of %d acknowledged sends", n, lost, acknowledged)
		if lost > 0 {
			return
		}
	}
	t.Errorf("nothing was lost in %d cuts: they are no power cuts", most)
}

func inImage(i *harness.Image) *harness.Home {
	// A directory that the server has to make, and to make durable.
	dir := filepath.Join(i.Dir, "data")
	return &harness.Home{Dir: dir, Database: "sqlite:" + filepath.Join(dir, "tidings.db")}
}

// connect puts a network between everybody and the server.
func (k *killer) connect() {
	k.t.Helper()
	k.network = harness.NewRelay(k.t, strings.TrimPrefix(k.server.BaseURL, "http://"))
	k.at("http://" + k.network.Address())
}

// cut lets everybody work until the power goes, and the network with it: a sync
// that runs while a file system is shut down may still say that it succeeded,
// but of a machine without power nobody hears that.
func (k *killer) cut(image *harness.Image, until time.Duration) {
	k.t.Helper()
	k.work(until, func() {
		k.network.Silence(true)
		image.Cut(k.t)
		k.server.Kill()
		k.network.Silence(false)
	})
	image.Restore(k.t)
}

// lost counts the acknowledged sends, and those of which the server knows
// nothing.
func (k *killer) lost() (acknowledged, lost int) {
	k.t.Helper()
	if err := k.app.Login(context.Background()); err != nil { // the token may be lost too
		k.t.Fatal(err)
	}
	for _, c := range k.calls(k.t) {
		if c.Kind != "send" || c.Answer.Outcome != harness.OutcomeOK {
			continue
		}
		acknowledged++
		if _, err := k.app.Result(context.Background(), c.Answer.Task); err != nil {
			lost++
		}
	}
	return acknowledged, lost
}
