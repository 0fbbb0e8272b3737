package media_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
)

// Where nothing more fits, nothing is read; where this one does not fit, it is
// refused and nothing of it is kept.
func TestQuota(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	upload := func(app int64, content string, q media.Quota) error {
		_, err := f.Upload(t.Context(), media.Upload{Organization: 7, AppID: app, Kind: "file", Name: "a.pdf", Content: strings.NewReader(content), Quota: q})
		return err
	}
	quota := media.Quota{All: 20, OfApp: 12}
	for _, c := range []struct {
		app     int64
		content string
		refused bool
	}{
		{1, "%PDF-12345", false}, {1, "%PDF-12345", true}, {1, "%PDF-1", true}, {2, "%PDF-12345", false}, {3, "%PDF-", true},
	} {
		err := upload(c.app, c.content, quota)
		if c.refused != fault.Is(err, fault.CodeUploadQuota) || !c.refused && err != nil {
			t.Errorf("%q of app %d: %v", c.content, c.app, err)
		}
	}
	_, err := f.Upload(t.Context(), media.Upload{
		Organization: 7, AppID: 3, Kind: "file", Content: iotest.ErrReader(errors.New("it was read")), Quota: quota,
	})
	wantCode(t, err, fault.CodeUploadQuota)
	if err := upload(3, "%PDF-12345", media.Quota{}); err != nil {
		t.Errorf("without a quota: %v", err)
	}
	if kept := f.kept(t); len(kept) != 3 {
		t.Errorf("kept %v", kept)
	}
}

func TestIDsIn(t *testing.T) {
	t.Parallel()
	id := "@l" + strings.Repeat("a", 26)
	got := slices.Collect(media.IDsIn(`{"a":"![x](` + id + `)","b":"` + id + `x @lshort @L` + strings.Repeat("a", 26) + `"}`))
	if !slices.Equal(got, []string{id, id}) {
		t.Errorf("%q", got)
	}
}
