package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tidings-im/tidings/internal/durable"
)

// state is DIR/demo.json: what exists already, and the credentials that are
// shown only once when they are made.
type state struct {
	path          string
	Organizations map[string]*organizationState `json:"organizations"` // by organization.key
	Suite         *suiteState                   `json:"suite,omitempty"`
	History       *historyState                 `json:"history,omitempty"`
}

type organizationState struct {
	CorpID string               `json:"corp_id"`
	Apps   map[string]*appState `json:"apps"` // "app", "sender" and those of the past
	// Complete is set once every department and person was there.
	Complete bool `json:"complete"`
	// Reviews is set once its reviewers were named for other organizations'
	// templates.
	Reviews bool `json:"reviews,omitempty"`
	// APITokens are by userid. A person who came later gets one at the next start.
	APITokens map[string]string `json:"api_tokens"`
	// SignInLinks likewise.
	SignInLinks map[string]string `json:"sign_in_links"`
	// Media and Sent are by message name: the uploaded file, the task.
	Media map[string]string `json:"media"`
	Sent  map[string]int64  `json:"sent"`
	// Past are the tasks of the history by their names.
	Past map[string]int64 `json:"past,omitempty"`
}

type appState struct {
	ID      int64  `json:"id"`
	AgentID int64  `json:"agent_id"`
	Key     string `json:"app_key"`
	Secret  string `json:"app_secret"`
}

// loadState reads DIR/demo.json; a missing file is a first start.
func loadState(dir string) (*state, error) {
	s := &state{path: filepath.Join(dir, "demo.json")}
	text, err := os.ReadFile(s.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("demo state: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(text, s); err != nil {
			return nil, fmt.Errorf("demo state: %s is damaged; remove the directory to begin anew: %w", s.path, err)
		}
	}
	if s.Organizations == nil {
		s.Organizations = map[string]*organizationState{}
	}
	return s, nil
}

// organization returns the entry for key, empty at first.
func (s *state) organization(key string) *organizationState {
	o := s.Organizations[key]
	if o == nil {
		o = &organizationState{}
		s.Organizations[key] = o
	}
	if o.Apps == nil {
		o.Apps = map[string]*appState{}
	}
	if o.APITokens == nil {
		o.APITokens = map[string]string{}
	}
	if o.SignInLinks == nil {
		o.SignInLinks = map[string]string{}
	}
	if o.Media == nil {
		o.Media = map[string]string{}
	}
	if o.Sent == nil {
		o.Sent = map[string]int64{}
	}
	return o
}

// save makes what is noted outlast a power cut.
func (s *state) save() error { return s.write(true) }

// note makes it outlast the process. After a power cut what was there before
// may be back, which is enough where the next start finds out by itself: a send
// with the same key is the same send.
func (s *state) note() error { return s.write(false) }

func (s *state) write(lasting bool) error {
	if err := writeJSON(s.path, s, lasting); err != nil {
		return fmt.Errorf("demo state: %w", err)
	}
	return nil
}

// writeJSON puts value into the file at path, readable by its owner alone.
// Whoever sees the file sees all of it, after a power cut too; if lasting, they
// see this one then.
func writeJSON(path string, value any, lasting bool) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		// Without it a power cut may leave the new name with nothing in it.
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if !lasting {
		return nil
	}
	return durable.SyncDir(filepath.Dir(path))
}
