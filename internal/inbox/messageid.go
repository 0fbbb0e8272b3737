package inbox

import (
	"encoding/base64"
	"encoding/binary"
)

// idBytes is what a message id holds: the task, then the reader's ordinal.
// Twelve bytes fill sixteen characters exactly, so no two texts are one id.
const idBytes = 12

// MessageID names one person's copy of one task. It is opaque to clients, the
// same at every call, and of no use to anybody else.
func MessageID(taskID int64, ordinal uint32) string {
	var b [idBytes]byte
	binary.BigEndian.PutUint64(b[:], uint64(taskID))
	binary.BigEndian.PutUint32(b[8:], ordinal)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// taskOf returns the task of a message id if it is one of this person's.
func taskOf(messageID string, ordinal uint32) (taskID int64, ok bool) {
	taskID, reader, ok := ParseMessageID(messageID)
	if !ok || reader != ordinal {
		return 0, false
	}
	return taskID, true
}

// ParseMessageID returns the task and the reader of a message id. Whether there
// is such a message it does not say.
func ParseMessageID(messageID string) (taskID int64, ordinal uint32, ok bool) {
	var b [idBytes]byte
	if len(messageID) != base64.RawURLEncoding.EncodedLen(idBytes) {
		return 0, 0, false
	}
	// Decoding skips line breaks, so the length is checked on both sides.
	n, err := base64.RawURLEncoding.Decode(b[:], []byte(messageID))
	if err != nil || n != idBytes {
		return 0, 0, false
	}
	taskID = int64(binary.BigEndian.Uint64(b[:]))
	return taskID, binary.BigEndian.Uint32(b[8:]), taskID > 0
}
