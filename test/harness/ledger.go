package harness

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/tidings-im/tidings/client"
)

// Ledger is a file that only grows: every call before it is made, and what
// came back. What it holds is what a driver may claim afterwards.
type Ledger struct {
	mu   sync.Mutex
	file *os.File
	op   int64
}

// Call is one call and what came back of it.
type Call struct {
	Op   int64     `json:"op"`
	Kind string    `json:"kind"`           // send, recall, status_bar, read, read_all
	At   time.Time `json:"at"`             // before it was made
	Node int       `json:"node,omitempty"` // of several, from 1, that was asked first

	Agent    int64           `json:"agent,omitempty"`
	Key      string          `json:"key,omitempty"`
	Audience client.Audience `json:"audience,omitzero"`
	Message  json.RawMessage `json:"message,omitempty"` // as canonical as it gets: sorted keys, no spaces
	Task     int64           `json:"task,omitempty"`    // that a recall or status bar is about
	Value    string          `json:"value,omitempty"`   // of a status bar
	User     string          `json:"user,omitempty"`    // who reads
	Tasks    []int64         `json:"tasks,omitempty"`   // that are read
	Through  int64           `json:"through,omitempty"` // of read_all

	Answer Answer `json:"-"`
}

// The outcomes of a call.
const (
	OutcomeOK      = "ok"
	OutcomeRefused = "refused" // it has not happened
	OutcomeUnknown = "unknown" // nobody knows
)

// Answer is what came back, and when. A call without one is unknown.
type Answer struct {
	Op      int64     `json:"answers"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
	Code    int       `json:"code,omitempty"`
	Task    int64     `json:"task,omitempty"` // that a send made
	Text    string    `json:"text,omitempty"`
}

// NewLedger begins a ledger in a new file.
func NewLedger(path string) (*Ledger, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &Ledger{file: f}, nil
}

// Do notes a call, makes it and notes what came back. make returns the task
// that a send made, and Refused or Unknown.
func (l *Ledger) Do(c Call, make func() (int64, error)) (Answer, error) {
	l.mu.Lock()
	l.op++
	c.Op, c.At = l.op, time.Now()
	err := l.note(c)
	l.mu.Unlock()
	if err != nil {
		return Answer{}, err
	}
	task, called := make()
	a := Answer{Op: c.Op, At: time.Now(), Outcome: OutcomeOK, Task: task}
	var refused *Refused
	switch {
	case errors.As(called, &refused):
		a = Answer{Op: c.Op, At: a.At, Outcome: OutcomeRefused, Code: refused.Code, Text: refused.Text}
	case called != nil:
		a = Answer{Op: c.Op, At: a.At, Outcome: OutcomeUnknown, Text: called.Error()}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return a, l.note(a)
}

func (l *Ledger) note(what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	_, err = l.file.Write(append(text, '\n'))
	return err
}

// Close ends writing.
func (l *Ledger) Close() error { return l.file.Close() }

// ReadLedger reads a ledger back: every call in the order it was noted, with
// its answer. A call without an answer is unknown.
func ReadLedger(path string) ([]Call, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var calls []Call
	at := map[int64]int{}
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return calls, nil
		}
		if err != nil {
			return nil, err
		}
		var both struct {
			Call
			Answers int64 `json:"answers"`
		}
		if err := json.Unmarshal(line, &both); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
		if both.Answers == 0 {
			both.Answer.Outcome = OutcomeUnknown
			at[both.Op] = len(calls)
			calls = append(calls, both.Call)
			continue
		}
		i, ok := at[both.Answers]
		if !ok {
			return nil, fmt.Errorf("ledger: an answer to call %d, which was not made", both.Answers)
		}
		if err := json.Unmarshal(line, &calls[i].Answer); err != nil {
			return nil, fmt.Errorf("ledger: %w", err)
		}
	}
}
