package inbox_test

import (
	"fmt"
	"testing"

	"github.com/tidings-im/tidings/internal/inbox"
)

func TestMessageIDsAreTheReadersOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for task := int64(1); task < 1<<53; task *= 7 {
		for _, ordinal := range []uint32{0, 1, 1 << 31} {
			id, of := inbox.MessageID(task, ordinal), fmt.Sprint(task, ordinal)
			if was := seen[id]; was != "" {
				t.Errorf("%s and %s share %s", was, of, id)
			}
			seen[id] = of
			if got, ok := inbox.TaskOf(id, ordinal); !ok || got != task {
				t.Errorf("task of %s: %d, %v", id, got, ok)
			}
			if _, ok := inbox.TaskOf(id, ordinal+1); ok {
				t.Errorf("%s is somebody else's too", id)
			}
		}
	}
}

// A text is either no message id, or the only one of its task and reader.
func FuzzMessageID(f *testing.F) {
	f.Add(inbox.MessageID(100_000_000_001, 7), uint32(7))
	f.Add(inbox.MessageID(-1, 7), uint32(7))
	f.Add("AAAA\nAAAAAAAAAAA", uint32(0))
	f.Add("", uint32(0))
	f.Fuzz(func(t *testing.T, text string, ordinal uint32) {
		task, ok := inbox.TaskOf(text, ordinal)
		if ok && (task <= 0 || inbox.MessageID(task, ordinal) != text) {
			t.Errorf("%q of %d is task %d, whose id is %q", text, ordinal, task, inbox.MessageID(task, ordinal))
		}
	})
}
