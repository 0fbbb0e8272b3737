package app_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/masterkey"
)

// logged is a log that a test reads.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// A key file may be read while somebody copies it, and be wrong: what was read
// before goes on, and the log says so once.
func TestKeyFilesThatAreBeingCopied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	ctx := t.Context()
	log := &logged{}
	keys, err := masterkey.Load(w.keyFile)
	must(t, err)
	must(t, keys.Bind(ctx, w.db.Keys()))
	watch := masterkey.NewWatch(masterkey.WatchDeps{
		Keys: keys, Store: w.db.KeyHolders(), Name: "node", Now: w.clock.now, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	must(t, watch.Enter(ctx))
	n := w.newNode(&spy{Store: w.db.Apps()}, w.db, keys)
	a := n.mustApp(t, w.mustOrganization(t, "One").ID, "A")
	whole := w.mustText(t) + key(2, 'b')
	said := func(text string) int { return strings.Count(log.text.String(), text) }
	for i, cut := range []string{"", whole[:len(whole)-3], key(2, 'b'), key(1, 'x') + key(2, 'b'), whole + "3 x\n"} {
		must(t, os.WriteFile(w.keyFile, []byte(cut), 0o600))
		for range 3 {
			watch.Look(ctx)
		}
		n.mustCaller(t, n.mustToken(t, a))
		if said("cannot be used") != i+1 || said("can be used again") > 0 {
			t.Errorf("after %q: %s", cut[:min(len(cut), 20)], log.text.String())
		}
		if strings.Contains(log.text.String(), strings.Fields(key(2, 'b'))[1][:12]) {
			t.Error("the log shows a key")
		}
	}
	must(t, os.Chmod(w.keyFile, 0o644))
	watch.Look(ctx)
	if said("make it private") != 1 {
		t.Errorf("a file that is open to others: %s", log.text.String())
	}
	must(t, os.WriteFile(w.keyFile, []byte(whole), 0o600))
	must(t, os.Chmod(w.keyFile, 0o600))
	watch.Look(ctx)
	if said("can be used again") != 1 {
		t.Errorf("afterwards: %s", log.text.String())
	}
	_, nodes, err := n.List(ctx)
	must(t, err)
	if len(nodes) != 1 || len(nodes[0].Keys) != 2 {
		t.Errorf("nodes %+v", nodes)
	}
	must(t, os.Remove(w.keyFile))
	watch.Look(ctx)
	n.mustCaller(t, n.mustToken(t, a))
	if said("no such file") != 1 {
		t.Errorf("without the file: %s", log.text.String())
	}
}

// A key that was dropped leaves the file while a node has not heard of it: the node
// asks before it calls it missing.
func TestADroppedKeyIsNotMissed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		n, watch := w.mustServe(t, "node", w.keyFile)
		log := &logged{}
		watch.Log = slog.New(slog.NewTextHandler(log, nil))
		admin := w.mustNode(t)
		admin.mustAdd(t)
		watch.Look(ctx)
		admin.mustSwitch(t)
		must(t, n.Confirm(ctx))
		_, err := admin.Drop(ctx, operator, false)
		must(t, err)
		if !n.keys.Record().Keys[1].DroppedAt.IsZero() {
			t.Fatal("the node has heard")
		}
		for range 2 {
			watch.Look(ctx)
		}
		if text := log.text.String(); strings.Contains(text, "ERROR") || strings.Count(text, "was read again") != 2 {
			t.Errorf("the log says %s", text)
		}
		must(t, os.WriteFile(w.keyFile, []byte(key(1, 'a')), 0o600))
		watch.Look(ctx)
		if text := log.text.String(); strings.Count(text, "master key 2, which is not in the key file") != 1 {
			t.Errorf("of a file without the key in use the log says %s", text)
		}
	})
}

// What people wrote into a key file stays, and so do its mode and, through a link,
// its place; what an interrupted command left makes way.
func TestKeyFilesAreChangedWithCare(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	dir := t.TempDir()
	real := filepath.Join(dir, "real")
	must(t, os.WriteFile(real, []byte("# ours: ask ann\n"+key(1, 'a')+"\n# the end"), 0o400))
	must(t, os.WriteFile(real+".new", []byte("half"), 0o600))
	w.keyFile = filepath.Join(dir, "link")
	must(t, os.Symlink("real", w.keyFile))
	n := w.mustNode(t)
	n.mustAdd(t)
	text := w.mustText(t)
	if !strings.HasPrefix(text, "# ours: ask ann\n"+key(1, 'a')+"\n# the end\n2 ") {
		t.Errorf("the file is\n%s", text)
	}
	info, err := os.Stat(real)
	must(t, err)
	if link, err := os.Lstat(w.keyFile); err != nil || link.Mode()&os.ModeSymlink == 0 || info.Mode().Perm() != 0o400 {
		t.Errorf("link %v, mode %v, %v", link, info.Mode(), err)
	}
	n.mustSwitch(t)
	_, err = n.Drop(t.Context(), operator, true)
	must(t, err)
	if text := w.mustText(t); strings.Contains(text, strings.TrimSpace(key(1, 'a'))) || !strings.HasPrefix(text, "# ours: ask ann\n\n# the end\n2 ") {
		t.Errorf("the file is\n%s", text)
	}
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
	must(t, os.WriteFile(real+".x", []byte(key(9999, 'z')), 0o600))
	must(t, os.Rename(real+".x", real))
	_, err = w.restarted(n).Add(t.Context(), operator)
	if err == nil {
		t.Error("a key was added to a file that lacks the one in use")
	}
}

// The number of keys has an end, which is said.
func TestTheLastKeyNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite")
	w.keyFile = mustKeyFile(t, key(9999, 'a'))
	n := w.mustNode(t)
	_, err := n.Add(t.Context(), operator)
	wantCode(t, err, fault.CodeConflict)
	if !strings.Contains(err.Error(), "10000; the limit is 9999") {
		t.Errorf("refused with %v", err)
	}
}
