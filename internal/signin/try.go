package signin

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// TryLife is how long somebody has to sign in at a provider.
const TryLife = 10 * time.Minute

const (
	stateLen = 26 // characters of base32, 130 bits
	nameLen  = 8  // of them, which tell one try of a browser from another

	// A browser keeps at most so many tries, and so many bytes of them: it sends them
	// with every request.
	maxTries     = 5
	maxTriesSize = 6 << 10

	tryPurpose = "sign-in try"
)

// Sealer encrypts what a browser keeps for us; masterkey.Ring is one.
type Sealer interface {
	SealOutside(purpose string, plain []byte) (string, error)
	OpenOutside(purpose, sealed string) ([]byte, error)
}

// Kept is a try as a browser keeps it: the name tells it from others, the value is sealed.
type Kept struct{ Name, Value string }

// try is what we know of a browser that has gone to a provider. The browser keeps it,
// sealed, so beginning writes nothing, and every node can finish.
type try struct {
	Source      string `json:"source"`
	State       string `json:"state"`
	Nonce       string `json:"nonce"`
	Verifier    string `json:"verifier"`
	RedirectURI string `json:"redirect_uri"`
	ReturnTo    string `json:"return_to"`
	Until       int64  `json:"until"` // Unix time in ms
	// Tester is the ordinal of somebody who tries the source; 0 for those who sign in.
	Tester uint32 `json:"tester,omitempty"`
}

func newTry(source, redirectURI, returnTo string, tester uint32, now time.Time) try {
	return try{
		Source: source, State: strings.ToLower(rand.Text()[:stateLen]), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(),
		RedirectURI: redirectURI, ReturnTo: returnTo, Until: now.Add(TryLife).UnixMilli(), Tester: tester,
	}
}

func (t try) until() time.Time { return time.UnixMilli(t.Until).UTC() }

// hash is what is stored of a try that is finished.
func (t try) hash() [sha256.Size]byte { return sha256.Sum256([]byte(t.State)) }

func (t try) seal(keys Sealer) (Kept, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return Kept{}, err
	}
	value, err := keys.SealOutside(tryPurpose, plain)
	return Kept{t.State[:nameLen], value}, err
}

// open returns a try that a browser has kept; false for anything that we did not seal.
func open(keys Sealer, k Kept) (t try, ok bool) {
	plain, err := keys.OpenOutside(tryPurpose, k.Value)
	if err != nil || json.Unmarshal(plain, &t) != nil || len(t.State) != stateLen || t.State[:nameLen] != k.Name {
		return try{}, false
	}
	return t, true
}

// superfluous returns the names of those tries that a browser need not keep beside a new
// one: what cannot be finished any more, and the oldest where there are too many.
func superfluous(keys Sealer, all []Kept, added Kept, now time.Time) (names []string) {
	type aged struct {
		Kept
		until time.Time
	}
	var living []aged
	for _, k := range all {
		if t, ok := open(keys, k); ok && now.Before(t.until()) {
			living = append(living, aged{k, t.until()})
		} else {
			names = append(names, k.Name)
		}
	}
	slices.SortStableFunc(living, func(a, b aged) int { return cmp.Or(b.until.Compare(a.until), cmp.Compare(a.Name, b.Name)) })
	size := len(added.Value)
	for i, k := range living {
		if size += len(k.Value); i+1 >= maxTries || size > maxTriesSize {
			names = append(names, k.Name)
		}
	}
	return names
}
