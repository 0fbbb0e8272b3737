package certificate

import (
	"context"
	"crypto/tls"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// LookEvery is how often a server looks whether its files are others by now.
const LookEvery = 5 * time.Second

// Files is the pair that a server uses, and where it comes from.
type Files struct {
	cert, key string
	log       *slog.Logger
	pair      atomic.Pointer[Pair]

	mu      sync.Mutex
	taken   [2]stamp // of the files that the pair is of
	refused string   // what was logged last about files that cannot be used
}

// stamp tells one state of a file from another. A link is followed, so that what it
// leads to may be exchanged.
type stamp struct {
	info fs.FileInfo
	size int64
	time time.Time
}

// Open reads a server's pair. It fails as Load does.
func Open(certFile, keyFile string, log *slog.Logger) (*Files, error) {
	f := &Files{cert: certFile, key: keyFile, log: log}
	taken := f.look()
	pair, err := Load(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	f.pair.Store(pair)
	f.taken = taken
	pair.warn(log, keyFile)
	return f, nil
}

// Pair returns the pair in use.
func (f *Files) Pair() *Pair { return f.pair.Load() }

// Get is the tls.Config's GetCertificate.
func (f *Files) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &f.pair.Load().tls, nil }

// Run takes other files into use, within LookEvery, until ctx ends.
func (f *Files) Run(ctx context.Context) {
	tick := time.NewTicker(LookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f.reload(false)
		}
	}
}

// Reload reads the files now. The pair of before goes on where they cannot be used,
// which the log says.
func (f *Files) Reload() { f.reload(true) }

func (f *Files) reload(asked bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.look()
	if !asked && f.taken[0].same(now[0]) && f.taken[1].same(now[1]) {
		return
	}
	pair, err := Load(f.cert, f.key)
	if err != nil {
		// Once for each reason: the next look tries again.
		if text := err.Error(); asked || text != f.refused {
			f.refused = text
			f.log.Warn("the new certificate cannot be used, the one of before goes on", "error", err, "not_after", f.Pair().Leaf.NotAfter)
		}
		return
	}
	f.taken, f.refused = now, ""
	other := !pair.Leaf.Equal(f.Pair().Leaf)
	f.pair.Store(pair)
	if other || asked {
		f.log.Info("certificate read", "file", f.cert, "changed", other, "not_after", pair.Leaf.NotAfter)
	}
	pair.warn(f.log, f.key)
}

func (f *Files) look() [2]stamp { return [2]stamp{stampOf(f.cert), stampOf(f.key)} }

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info, info.Size(), info.ModTime()}
}

func (s stamp) same(other stamp) bool {
	if s.info == nil || other.info == nil {
		return s.info == nil && other.info == nil
	}
	return os.SameFile(s.info, other.info) && s.size == other.size && s.time.Equal(other.time)
}
