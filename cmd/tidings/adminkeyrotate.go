package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tidings-im/tidings/internal/audit"
	"github.com/tidings-im/tidings/internal/masterkey"
	"github.com/tidings-im/tidings/internal/retention"
)

type keyRotateCmd struct {
	Add       bool `name:"add" xor:"step" help:"First step: make a new key and put it into the key file. Nothing is written with it yet. On several nodes copy the file to each."`
	DropOld   bool `name:"drop-old" xor:"step" help:"Last step: drop the keys that were replaced, and remove them from the key file. Refused while access tokens made with them are valid."`
	Cancel    bool `name:"cancel" xor:"step" help:"Undo --add, while the new key is not in use."`
	EndTokens bool `name:"end-tokens" help:"With --drop-old: end access tokens made with old keys at once; apps get new ones by themselves."`
}

// nodesRead is how long nodes may take to read a new key file, which they look
// for every second.
const nodesRead = 5 * time.Second

// Run does the step that is asked for; without a flag the one in the middle.
func (c *keyRotateCmd) Run(e *environment) error {
	if c.EndTokens && !c.DropOld {
		return usageError{errors.New("--end-tokens goes with --drop-old")}
	}
	return e.open(func(s *session) error {
		switch {
		case c.Add:
			return s.addKey()
		case c.Cancel:
			return s.cancelKey()
		case c.DropOld:
			return s.dropKeys(c.EndTokens)
		}
		return s.switchKey()
	})
}

// addedKeyView is a key that is not in use yet.
type addedKeyView struct {
	KeyFile     string    `json:"key_file"`
	Number      int       `json:"number"`
	Fingerprint string    `json:"fingerprint"`
	AddedAt     time.Time `json:"added_at"`
}

func (s *session) addKey() error {
	k, err := s.rooms.Keys.Add(s.ctx, audit.ByOperator())
	if err != nil {
		return err
	}
	return s.done(addedKeyView{s.cfg.KeyFile, k.Number, k.Fingerprint, k.At}, `key %d is in %s, fingerprint %s; nothing is written with it yet
keep a copy of the file, and copy it to every node; tidings admin key list shows which nodes have read it
next: tidings admin key rotate`, k.Number, s.cfg.KeyFile, k.Fingerprint)
}

// droppedKeysView is what became of keys.
type droppedKeysView struct {
	KeyFile     string `json:"key_file"`
	Dropped     []int  `json:"dropped"`
	EndedTokens int    `json:"ended_tokens"`
}

func (s *session) cancelKey() error {
	numbers, err := s.rooms.Keys.Cancel(s.ctx, audit.ByOperator())
	if err != nil {
		return err
	}
	text := "there is nothing to cancel: every key that was added is in use"
	if len(numbers) > 0 {
		text = fmt.Sprintf("took back %s; copy %s to the nodes that still have it", keyNumbers(numbers), s.cfg.KeyFile)
	}
	return s.done(droppedKeysView{s.cfg.KeyFile, append([]int{}, numbers...), 0}, "%s", text)
}

func (s *session) dropKeys(endTokens bool) error {
	done, err := s.rooms.Keys.Drop(s.ctx, audit.ByOperator(), endTokens)
	if err != nil {
		return err
	}
	// What was encrypted with an old key is overwritten in SQLite's file, and is
	// still in its log.
	if err := s.rooms.Eraser.Compact(s.ctx, retention.Compaction{LogOnly: true}); err != nil {
		return fmt.Errorf("old keys are dropped, but what was encrypted with them may still be in the log of the database; repeat this: %w", err)
	}
	text := "there is no old key"
	if len(done.Keys) > 0 {
		text = fmt.Sprintf("dropped %s and ended %d access tokens; on several nodes copy the key file to each: %s\n"+
			"older backups need a copy of the key file from before", keyNumbers(done.Keys), done.EndedTokens, s.cfg.KeyFile)
	}
	return s.doneEverywhere(droppedKeysView{s.cfg.KeyFile, append([]int{}, done.Keys...), done.EndedTokens}, "%s", text)
}

func keyNumbers(numbers []int) string {
	text := strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ", ")
	if len(numbers) == 1 {
		return "key " + text
	}
	return "keys " + text
}

// switchedKeyView is the key that is in use, and what it took.
type switchedKeyView struct {
	Number      int              `json:"number"`
	Fingerprint string           `json:"fingerprint"`
	UsedAt      time.Time        `json:"used_at"`
	InsteadOf   int              `json:"instead_of"` // 0 when it was in use before
	Secrets     int              `json:"secrets"`    // encrypted again
	Tickets     int              `json:"tickets"`
	OldTokens   int64            `json:"old_tokens"` // access tokens of other keys
	OldUntil    time.Time        `json:"old_tokens_until,omitzero"`
	Unreadable  []unreadableView `json:"unreadable"`
}

// unreadableView is a secret, or with the id 0 a suite ticket, that no key decrypts; with a
// source it is that one's.
type unreadableView struct {
	CorpID   string `json:"corp_id"`
	AppKey   string `json:"app_key"` // or the suite key
	SecretID int64  `json:"secret_id"`
	Source   string `json:"sign_in_source,omitempty"` // its name
	group    string // of commands
}

func (s *session) switchKey() error {
	done, err := s.rooms.Keys.Switch(s.ctx, audit.ByOperator(), nodesRead)
	if err != nil {
		return err
	}
	v := switchedKeyView{
		done.Key.Number, done.Key.Fingerprint, done.Key.At, done.Before, done.Secrets, done.Tickets,
		done.Old.Tokens, done.Old.TokensUntil,
		[]unreadableView{},
	}
	for _, row := range done.Unreadable {
		one, err := s.viewUnreadable(row)
		if err != nil {
			return err
		}
		v.Unreadable = append(v.Unreadable, one)
	}
	next := "nothing needs the old key any more; next: tidings admin key rotate --drop-old"
	if v.OldTokens > 0 {
		next = fmt.Sprintf("%d access tokens of the old key are valid until %s; next, after that or at once with --end-tokens: tidings admin key rotate --drop-old",
			v.OldTokens, v.OldUntil.UTC().Format(time.RFC3339))
	}
	if len(v.Unreadable) > 0 {
		next = "no key decrypts the secrets and tickets below: replace them, and run this again"
	}
	err = s.done(v, "key %d is in use since %s; this run encrypted %d app secrets and %d suite tickets with it\n%s",
		v.Number, v.UsedAt.UTC().Format(time.RFC3339), v.Secrets, v.Tickets, next)
	if err != nil || len(v.Unreadable) == 0 {
		return err
	}
	for _, u := range v.Unreadable {
		u.tell(s)
	}
	return exitCode(exitFailed)
}

// tell says what to do about a row that cannot be decrypted.
func (u unreadableView) tell(s *session) {
	if u.Source != "" {
		fmt.Fprintf(s.err, "tidings: the secret of sign-in source %s cannot be decrypted; give it another one: tidings admin --org %s sign-in update %q FILE --secret-file SECRET\n", u.Source, u.CorpID, u.Source)
		return
	}
	if u.SecretID == 0 {
		fmt.Fprintf(s.err, "tidings: the ticket of suite %s cannot be decrypted; replace it: tidings admin --org %s suite ticket %s --new\n", u.AppKey, u.CorpID, u.AppKey)
		return
	}
	fmt.Fprintf(s.err, "tidings: secret %d of app %s cannot be decrypted; end it: tidings admin --org %s %s secret end %s %d\n", u.SecretID, u.AppKey, u.CorpID, u.group, u.AppKey, u.SecretID)
}

// viewUnreadable says what a row is in the words of people.
func (s *session) viewUnreadable(row masterkey.SealedRow) (unreadableView, error) {
	v := unreadableView{SecretID: row.ID}
	all, err := s.rooms.Directory.Organizations(s.ctx)
	if err != nil {
		return v, err
	}
	for _, o := range all {
		if o.ID == row.Organization {
			v.CorpID = o.CorpID
		}
	}
	if row.Source != "" {
		v.Source, err = s.sourceName(row)
		return v, err
	}
	apps, err := s.rooms.Apps.Apps(s.ctx, row.Organization)
	if err != nil {
		return v, err
	}
	for _, l := range apps {
		if l.App.ID == row.AppID {
			v.AppKey, v.group = l.App.Key, "app"
		}
	}
	suites, err := s.rooms.Apps.Suites(s.ctx, row.Organization)
	for _, l := range suites {
		if l.App.ID == row.AppID {
			v.AppKey, v.group = l.App.Key, "suite"
		}
	}
	return v, err
}

// sourceName says which sign-in source a row is of.
func (s *session) sourceName(row masterkey.SealedRow) (string, error) {
	all, err := s.rooms.Sources.Sources(s.ctx, row.Organization)
	for _, src := range all {
		if src.ID == row.Source {
			return src.Name, err
		}
	}
	return row.Source, err
}
