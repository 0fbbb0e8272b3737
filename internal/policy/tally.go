package policy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/RoaringBitmap/roaring/v2"
)

// Tally counts, for every ordinal, how many sets held it. The counts are kept
// in binary, one set per bit: slice i holds the ordinals whose count has bit i.
// Adding a set of a million costs a few set operations, not a million
// increments. The zero value counts nothing; not safe for concurrent use.
type Tally struct{ slices []*roaring.Bitmap }

// oneByOne is up to how many members are counted each on its own. Operations
// on sets touch the whole of the slices, which a send to few does not deserve.
const oneByOne = 64

// Add counts every member of set once more. set is not changed.
func (t *Tally) Add(set *roaring.Bitmap) {
	if set.GetCardinality() <= oneByOne {
		for _, ordinal := range set.ToArray() {
			t.increment(ordinal)
		}
		return
	}
	carry := set
	for i := 0; !carry.IsEmpty(); i++ {
		next := roaring.And(t.slice(i), carry)
		// Not the method Xor: it may write into the set it is given.
		t.slices[i] = roaring.Xor(t.slices[i], carry)
		t.slices[i].SetCopyOnWrite(true)
		carry = next
	}
}

// increment turns the ones from the lowest bit on into zeros, and the first
// zero into a one.
func (t *Tally) increment(ordinal uint32) {
	i := 0
	for ; t.slice(i).Contains(ordinal); i++ {
		t.slices[i].Remove(ordinal)
	}
	t.slices[i].Add(ordinal)
}

func (t *Tally) slice(i int) *roaring.Bitmap {
	if i == len(t.slices) {
		s := roaring.New()
		s.SetCopyOnWrite(true)
		t.slices = append(t.slices, s)
	}
	return t.slices[i]
}

// AtLeast returns the members of within that were counted n times or more.
func (t *Tally) AtLeast(n int, within *roaring.Bitmap) *roaring.Bitmap {
	if n <= 0 {
		return within.Clone()
	}
	if bits.Len(uint(n)) > len(t.slices) {
		return roaring.New()
	}
	// From the highest bit down: more holds those already known to exceed n,
	// same those equal to n so far.
	more, same := roaring.New(), within.Clone()
	for i := len(t.slices) - 1; i >= 0; i-- {
		if n>>i&1 == 1 {
			same.And(t.slices[i])
			continue
		}
		more.Or(roaring.And(same, t.slices[i]))
		same.AndNot(t.slices[i])
	}
	more.Or(same)
	return more
}

// MarshalBinary writes the counts: how many slices there are, and each as
// roaring writes it.
func (t *Tally) MarshalBinary() ([]byte, error) {
	var out bytes.Buffer
	out.Write(binary.AppendUvarint(nil, uint64(len(t.slices))))
	for _, s := range t.slices {
		if _, err := s.WriteTo(&out); err != nil {
			return nil, fmt.Errorf("policy: tally: %w", err)
		}
	}
	return out.Bytes(), nil
}

// UnmarshalBinary reads what MarshalBinary wrote, and fails for anything else.
func (t *Tally) UnmarshalBinary(data []byte) error {
	in := bytes.NewReader(data)
	n, err := binary.ReadUvarint(in)
	if err != nil || n > bits.UintSize {
		return errors.New("policy: tally: not a number of slices")
	}
	slices := make([]*roaring.Bitmap, n)
	for i := range slices {
		slices[i] = roaring.New()
		if _, err := slices[i].ReadFrom(in); err != nil {
			return fmt.Errorf("policy: tally: %w", err)
		}
		slices[i].SetCopyOnWrite(true)
	}
	if in.Len() > 0 {
		return fmt.Errorf("policy: tally: %d bytes too many", in.Len())
	}
	t.slices = slices
	return nil
}

// Clone returns an independent copy. The two share what neither has changed
// since.
func (t *Tally) Clone() *Tally {
	c := &Tally{slices: make([]*roaring.Bitmap, len(t.slices))}
	for i, s := range t.slices {
		c.slices[i] = s.Clone()
	}
	return c
}
