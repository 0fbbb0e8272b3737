package signin

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
)

const trialPurpose = "sign-in trial"

// maxTrialClaims is the most bytes of the claims that a browser brings from a trial: they
// come in a cookie.
const maxTrialClaims = 1 << 10

// trial is what a provider has said of somebody who tries a source. The browser keeps it,
// sealed, until its page asks what became of it.
type trial struct {
	Source   string            `json:"source"`
	Settings [sha256.Size]byte `json:"settings"` // the digest of those that were tried
	Tester   uint32            `json:"tester"`
	Until    int64             `json:"until"` // Unix time in ms
	Identity Identity          `json:"identity"`
}

func newTrial(s Source, t try, id Identity) trial {
	size := 0
	claims := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(id.Claims)) {
		if size += len(name) + len(id.Claims[name]); size <= maxTrialClaims {
			claims[name] = id.Claims[name]
		}
	}
	id.Claims = claims
	return trial{Source: s.ID, Settings: sha256.Sum256(s.Settings), Tester: t.Tester, Until: t.Until, Identity: id}
}

func (t trial) seal(keys Sealer) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return keys.SealOutside(trialPurpose, plain)
}

// Tried tells what a provider has said of somebody who has come back from a trial: sealed
// is what Return has given their browser. The source may be turned on then. It fails with
// Expired for a trial of another source, of other settings, of somebody else, or one that
// is over, and as Service.Tried.
func (f *Flow) Tried(ctx context.Context, by audit.By, organization int64, source, sealed string) (Trial, error) {
	var t trial
	plain, err := f.deps.Keys.OpenOutside(trialPurpose, sealed)
	if err != nil || json.Unmarshal(plain, &t) != nil || t.Source != source || by.Actor != audit.Person(organization, t.Tester) ||
		!f.deps.Now().Before(time.UnixMilli(t.Until)) {
		return Trial{}, Expired()
	}
	s, _, err := f.deps.Sources.ToTry(ctx, organization, source)
	if err != nil {
		return Trial{}, fmt.Errorf("signin.Tried: %w", err)
	}
	if t.Settings != sha256.Sum256(s.Settings) {
		return Trial{}, Expired()
	}
	return f.deps.Sources.Tried(ctx, by, s, t.Identity)
}
