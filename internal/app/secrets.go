package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// SecretStore keeps what people want to know of secrets.
type SecretStore interface {
	// SecretsOf returns an app's secrets, ended ones too, in any order.
	SecretsOf(ctx context.Context, organization, appID int64) ([]Secret, error)
	// MarkSecretsUsed notes when secrets were used, unless a later use is noted.
	MarkSecretsUsed(ctx context.Context, used []SecretUse) error
}

// SecretUse says that a secret was presented.
type SecretUse struct {
	secretKey
	At time.Time
}

type secretKey struct{ Organization, AppID, ID int64 }

const (
	writeUsesEvery  = time.Minute
	writeUsesAtOnce = 200         // in one transaction
	writeUsesWithin = time.Second // a stop waits for it
)

// uses are the secrets that were presented here and whose use is not written yet.
// Taking a token waits for none of it.
type uses struct {
	mu sync.Mutex
	at map[secretKey]time.Time
}

// note remembers the use of a secret; nil is none.
func (u *uses) note(c *StoredSecret, at time.Time) {
	if c != nil {
		u.keep(SecretUse{secretKey{c.Organization, c.AppID, c.ID}, at})
	}
}

func (u *uses) keep(all ...SecretUse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.at == nil {
		u.at = map[secretKey]time.Time{}
	}
	for _, one := range all {
		if u.at[one.secretKey].Before(one.At) {
			u.at[one.secretKey] = one.At
		}
	}
}

// take returns what was kept, in the order of keys: two nodes that write it never
// wait for each other.
func (u *uses) take() []SecretUse {
	u.mu.Lock()
	defer u.mu.Unlock()
	var all []SecretUse
	for key, at := range u.at {
		all = append(all, SecretUse{key, at})
	}
	u.at = nil
	slices.SortFunc(all, func(a, b SecretUse) int {
		return cmp.Or(cmp.Compare(a.Organization, b.Organization), cmp.Compare(a.AppID, b.AppID), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func (u *uses) of(key secretKey) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.at[key]
}

// writeUses writes which secrets were used here. What cannot be written is kept.
func (s *Service) writeUses(ctx context.Context) error {
	for part := range slices.Chunk(s.uses.take(), writeUsesAtOnce) {
		ctx, done := context.WithTimeout(ctx, writeUsesWithin)
		err := s.store.MarkSecretsUsed(ctx, part)
		done()
		if err != nil {
			s.uses.keep(part...)
			return fmt.Errorf("app: uses of secrets: %w", err)
		}
	}
	return nil
}

// Secrets returns an app's secrets without their values, ended ones too, oldest
// first; none for an app that is not there.
func (s *Service) Secrets(ctx context.Context, organization, appID int64) ([]Secret, error) {
	secrets, err := s.store.SecretsOf(ctx, organization, appID)
	if err != nil {
		return nil, fmt.Errorf("app.Secrets: %w", err)
	}
	for i := range secrets {
		if at := s.uses.of(secretKey{organization, appID, secrets[i].ID}); at.After(secrets[i].LastUsedAt) {
			secrets[i].LastUsedAt = at
		}
	}
	// Ids of different servers are not in the order of time.
	slices.SortFunc(secrets, func(a, b Secret) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return secrets, nil
}
