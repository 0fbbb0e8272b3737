package review

import (
	"context"
	"fmt"
	"sync"

	"github.com/tidings-im/tidings/internal/template"
)

// librarySize is how many compiled versions a node keeps, a few kilobytes each.
const librarySize = 2000

// Library compiles versions for sending. What it keeps is never stale: a
// version that was approved does not change. It is safe for concurrent use.
type Library struct {
	store Store

	mu       sync.Mutex
	compiled map[edition]*template.Template
}

type edition struct {
	organization int64
	id           string
	version      int
}

// NewLibrary returns an empty Library.
func NewLibrary(store Store) *Library {
	return &Library{store: store, compiled: map[edition]*template.Template{}}
}

// Compiled returns a version that was approved once.
func (l *Library) Compiled(ctx context.Context, organization int64, id string, version int) (*template.Template, error) {
	e := edition{organization, id, version}
	l.mu.Lock()
	t := l.compiled[e]
	l.mu.Unlock()
	if t != nil {
		return t, nil
	}
	v, err := l.store.Version(ctx, organization, id, version)
	if err != nil {
		return nil, fmt.Errorf("review.Compiled: %w", err)
	}
	if v.State != Approved {
		return nil, fmt.Errorf("review.Compiled: version %d of template %s is %s", version, id, v.State)
	}
	// It has passed Lint. What a later Lint finds in it is no reason to stop
	// sending it: a reviewer has let it pass.
	t = template.Approved(v.Form)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.compiled) >= librarySize {
		clear(l.compiled)
	}
	l.compiled[e] = t
	return t, nil
}
