package audit

import (
	"bytes"
	"crypto/hmac"
	"fmt"
)

// Report is what verifying a chain found.
type Report struct {
	Entries int64 // verified
	From    int64 // the first entry that is kept; those before were deleted by a retention rule
	Head    int64 // the last entry
	HeadMAC []byte
	// Erased entries have lost what was private to somebody who was erased.
	Erased int64
	// Unverified are the first entries, when they were made with a master key that
	// was dropped. Whether one of them was changed cannot be told.
	Unverified int64
	// Wrong is the first entry that is not as it was written, 0 if all are.
	Wrong int64
	// Why says what is wrong with it.
	Why string
}

// Verifier checks the rows of one chain, in ascending order.
type Verifier struct {
	head   Head
	keys   Keys
	before []byte // code of the row before
	// trimmed is up to where the newest entry about it says that a retention rule
	// removed entries.
	trimmed int64
	report  Report
}

// NewVerifier begins with the head as it is stored.
func NewVerifier(h Head, k Keys) *Verifier {
	return &Verifier{head: h, keys: k, before: h.FloorMAC, report: Report{From: h.FloorN + 1, Head: h.N, HeadMAC: h.MAC}}
}

// Next checks the next row; private is nil where there is none. False means that
// something is wrong, and that no more need be read.
func (v *Verifier) Next(r *Row, private *Private) bool {
	want := v.report.From + v.report.Entries + v.report.Unverified
	switch {
	case r.N > want:
		return v.wrong(want, "it is missing")
	case r.N < want:
		return v.wrong(r.N, "it is there twice, or was deleted by a retention rule")
	}
	key := v.keys.AuditKey(r.Key)
	switch {
	// Keys are dropped oldest first: a missing one can only be the first entries'.
	// Otherwise whoever changes an entry would name a key that nobody has.
	case key == nil && (v.report.Entries > 0 || r.Key >= v.keys.AuditKeyNumber()):
		return v.wrong(r.N, fmt.Sprintf("it names master key %d, which is not in the key file", r.Key))
	case key == nil:
		v.report.Unverified++
	case !hmac.Equal(r.MAC, r.code(key, v.before)):
		return v.wrong(r.N, "it, or the entry before it, is not as it was written")
	default:
		v.report.Entries++
	}
	v.before = r.MAC
	if through, ok := r.trimmed(); ok {
		v.trimmed = through
	}
	switch {
	case private != nil && !bytes.Equal(private.Digest(), r.Sealed):
		return v.wrong(r.N, "what is private in it is not as it was written")
	case private == nil && len(r.Sealed) > 0:
		v.report.Erased++
	}
	return true
}

func (v *Verifier) wrong(n int64, why string) bool {
	v.report.Wrong, v.report.Why = n, why
	return false
}

// End returns the report, after the last row.
func (v *Verifier) End() Report {
	r := &v.report
	if r.Wrong != 0 {
		return *r
	}
	if last := r.From + r.Entries + r.Unverified - 1; last < v.head.N {
		v.wrong(last+1, "it is missing")
	} else if last > v.head.N || !bytes.Equal(v.before, v.head.MAC) {
		v.wrong(v.head.N, "the log's head is not the code of its last entry")
	} else if v.trimmed < v.head.FloorN {
		// The newest such entry is always above the floor that it speaks of.
		v.wrong(v.head.FloorN, "it is missing, and no entry says that a retention rule removed it")
	} else if v.trimmed > v.head.FloorN {
		v.wrong(v.trimmed, "a retention rule removed it, and it is there again")
	}
	return *r
}
