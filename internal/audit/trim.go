package audit

import (
	"encoding/json"
	"time"
)

// trim is what the entry of a trimmed log says.
type trim struct {
	Through   int64 `json:"through"`             // the last entry that a retention rule has removed, by now
	Entries   int64 `json:"entries"`             // removed this time
	Unchained int64 `json:"unchained,omitempty"` // of those from before the chain
}

// Trimmed is the entry of a log from which a retention rule removes entries: it is
// written in the transaction that raises the log's floor.
func Trimmed(organization int64, at time.Time, through, entries, unchained int64) Entry {
	return Entry{
		Organization: organization, At: at, By: ByServer(), Action: LogTrimmed, Subject: LogSubject,
		Details: FieldsOf(trim{through, entries, unchained}),
	}
}

// trimmed returns up to where an entry says that a retention rule has removed
// entries; false for any other entry.
func (r *Row) trimmed() (through int64, ok bool) {
	var t trim
	if Action(r.Action) != LogTrimmed || json.Unmarshal([]byte(r.Details), &t) != nil {
		return 0, false
	}
	return t.Through, true
}
