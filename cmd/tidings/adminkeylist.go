package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/node"
)

type keyListCmd struct{}

// keysView is the master keys and who holds them.
type keysView struct {
	KeyFile string        `json:"key_file"`
	Keys    []keyView     `json:"keys"`
	Nodes   []keyNodeView `json:"nodes"`
}

type keyView struct {
	Number      int             `json:"number"`
	Fingerprint string          `json:"fingerprint"`
	State       masterkey.Phase `json:"state"`
	AddedAt     time.Time       `json:"added_at,omitzero"` // none for a key of before this was recorded
	UsedAt      time.Time       `json:"used_at,omitzero"`  // likewise
	DroppedAt   time.Time       `json:"dropped_at,omitzero"`
	InFile      bool            `json:"in_file"`
	Nodes       int             `json:"nodes"` // that hold it and are not silent
	Secrets     int64           `json:"secrets"`
	Tickets     int64           `json:"tickets"`
	Tokens      int64           `json:"tokens"`
	TokensUntil time.Time       `json:"tokens_until,omitzero"`
}

type keyNodeView struct {
	Name      string    `json:"name"`
	Keys      []int     `json:"keys"`
	StartedAt time.Time `json:"started_at"`
	Silent    int       `json:"silent_seconds"`
	Alive     bool      `json:"alive"`
}

func (c *keyListCmd) Run(e *environment) error {
	return e.open(func(s *session) error {
		all, nodes, err := s.rooms.Keys.List(s.ctx)
		if err != nil {
			return err
		}
		v := keysView{KeyFile: s.cfg.KeyFile, Keys: []keyView{}, Nodes: []keyNodeView{}}
		alive := 0
		for _, n := range nodes {
			if n.Alive() {
				alive++
			}
			v.Nodes = append(v.Nodes, keyNodeView{n.Name, slices.Sorted(maps.Keys(n.Keys)), n.StartedAt, int(n.Silent.Seconds()), n.Alive()})
		}
		for _, k := range all {
			v.Keys = append(v.Keys, viewKey(k, nodes))
		}
		return s.show(v, func() { s.showKeys(v, alive) })
	})
}

func viewKey(k masterkey.Listing, nodes []node.Node) keyView {
	v := keyView{
		Number: k.Number, Fingerprint: k.Fingerprint, State: k.Phase, AddedAt: k.AddedAt, UsedAt: k.UsedAt, DroppedAt: k.DroppedAt,
		InFile: k.InFile, Secrets: k.Use.Secrets, Tickets: k.Use.Tickets, Tokens: k.Use.Tokens, TokensUntil: k.Use.TokensUntil,
	}
	for _, n := range nodes {
		if n.Alive() && n.Keys[k.Number] == k.Fingerprint {
			v.Nodes++
		}
	}
	return v
}

func (s *session) showKeys(v keysView, alive int) {
	rows := [][]string{}
	for _, k := range v.Keys {
		since := k.UsedAt
		switch k.State {
		case masterkey.PhaseAdded:
			since = k.AddedAt
		case masterkey.PhaseDropped:
			since = k.DroppedAt
		}
		rows = append(rows, []string{
			fmt.Sprint(k.Number), string(k.State), instant(since), yesNo(k.InFile), fmt.Sprintf("%d of %d", k.Nodes, alive),
			fmt.Sprint(k.Secrets), fmt.Sprint(k.Tickets), fmt.Sprint(k.Tokens), instant(k.TokensUntil), k.Fingerprint,
		})
	}
	table(s.out, []string{"KEY", "STATE", "SINCE (UTC)", "IN FILE", "HELD BY", "SECRETS", "TICKETS", "TOKENS", "TOKENS UNTIL", "FINGERPRINT"}, rows)
	if len(v.Nodes) == 0 {
		fmt.Fprintln(s.out, "\nno server is running")
		return
	}
	rows = [][]string{}
	for _, n := range v.Nodes {
		heard := fmt.Sprintf("%d s ago", n.Silent)
		if !n.Alive {
			heard += ", treated as stopped"
		}
		rows = append(rows, []string{n.Name, strings.Trim(fmt.Sprint(n.Keys), "[]"), instant(n.StartedAt), heard})
	}
	fmt.Fprintln(s.out)
	table(s.out, []string{"NODE", "KEYS", "STARTED (UTC)", "LAST HEARD"}, rows)
}

// instant is a time for a table; - for one that nobody knows.
func instant(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.DateTime)
}
