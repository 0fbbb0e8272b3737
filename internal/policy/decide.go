package policy

import "github.com/RoaringBitmap/roaring/v2"

// The reasons for holding somebody back, as the wire names them
// (docs/contract.md#held-back).
const (
	OutsideRangeUser = "50002"  // named as a user, outside the app's range
	OutsideRangeDept = "50004"  // reached only through a department outside the range
	MinuteInternal   = "143103" // the app's recipients of this minute are used up
	DailyInternal    = "143105" // the recipient has had the app's messages of this day
	SameInternal     = "143106" // the recipient has had this content today
	MinuteThirdParty = "143203"
	DailyThirdParty  = "143205"
	SameThirdParty   = "143206"
)

// Held is a set of people held back for one reason.
type Held struct {
	Code      string
	Threshold int64 // the limit that was hit; 0 where the reason has none
	Set       *roaring.Bitmap
}

// Facts is what a decision rests on. Sets may be nil for empty; none of them
// is changed.
type Facts struct {
	ThirdParty  bool
	Limits      Limits
	Recipients  *roaring.Bitmap // named and inside the range
	OutsideUser *roaring.Bitmap
	OutsideDept *roaring.Bitmap
	Identical   *roaring.Bitmap // had this content from this app today
	// Daily holds how often each person was sent to by this app today. Nil
	// when the app has sent fewer messages today than the daily limit, for
	// then nobody can have reached it.
	Daily          *Tally
	SentThisMinute int64 // recipients this app has reached in the minute
}

// Decision is who is sent to and who is held back; the sets are disjoint and
// together hold everybody the Facts name.
type Decision struct {
	Sent *roaring.Bitmap
	Held []Held
}

// Decide applies the rules in their order.
func Decide(f Facts) Decision {
	d := Decision{Sent: f.Recipients.Clone()}
	d.hold(OutsideRangeUser, 0, f.OutsideUser)
	d.hold(OutsideRangeDept, 0, f.OutsideDept)
	same, daily, minute := SameInternal, DailyInternal, MinuteInternal
	if f.ThirdParty {
		same, daily, minute = SameThirdParty, DailyThirdParty, MinuteThirdParty
	}
	if f.Limits.SameContentOnce && f.Identical != nil {
		d.take(same, 1, roaring.And(d.Sent, f.Identical))
	}
	if limit := f.Limits.MessagesPerDay; limit > 0 && f.Daily != nil {
		d.take(daily, int64(limit), f.Daily.AtLeast(limit, d.Sent))
	}
	if limit := int64(f.Limits.RecipientsPerMin); limit > 0 {
		d.take(minute, limit, beyond(d.Sent, max(0, limit-f.SentThisMinute)))
	}
	return d
}

// take moves set from Sent to the held ones.
func (d *Decision) take(code string, threshold int64, set *roaring.Bitmap) {
	if set.IsEmpty() {
		return
	}
	d.Sent.AndNot(set)
	d.hold(code, threshold, set)
}

func (d *Decision) hold(code string, threshold int64, set *roaring.Bitmap) {
	if set != nil && !set.IsEmpty() {
		d.Held = append(d.Held, Held{Code: code, Threshold: threshold, Set: set})
	}
}

// beyond returns the members of set after its first n in ascending order.
func beyond(set *roaring.Bitmap, n int64) *roaring.Bitmap {
	if set.GetCardinality() <= uint64(n) {
		return roaring.New()
	}
	rest := set.Clone()
	if n > 0 {
		// Rank counts from 1, Select from 0.
		last, err := set.Select(uint32(n - 1))
		if err == nil {
			rest.RemoveRange(0, uint64(last)+1)
		}
	}
	return rest
}
