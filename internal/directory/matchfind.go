package directory

import (
	"bytes"
	"context"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// matchPiece is how many people are compared under one lock.
const matchPiece = 4096

// wanted is what the cells of a list say, and whom that means.
type wanted struct {
	userids map[string]uint32           // as they are; nobody until they are looked up
	texts   map[string]*[kinds][]uint32 // in small letters: userids, job numbers and names
	numbers map[string]*[]uint32        // job numbers without the zeros at their beginning
	mobiles map[string]*[]uint32        // as plainMobile has them; nil where nobody is found so
}

// No ordinal is one of these: nobody has the userid, or somebody who may not be found.
const (
	nobody   = math.MaxUint32
	notFound = math.MaxUint32 - 1
)

// wanted collects what there is to find.
func (l *list) wanted(mobiles bool) *wanted {
	w := &wanted{userids: map[string]uint32{}, texts: map[string]*[kinds][]uint32{}, numbers: map[string]*[]uint32{}}
	if mobiles {
		w.mobiles = map[string]*[]uint32{}
	}
	for _, row := range l.rows {
		for i, cell := range row.cells {
			for _, kind := range l.kindsOf(i) {
				w.add(kind, cell)
			}
		}
	}
	return w
}

func (w *wanted) add(kind int, cell string) {
	if cell == "" {
		return
	}
	if kind == kindMobile {
		if mobile := plainMobile(cell); mobile != "" && w.mobiles != nil && w.mobiles[mobile] == nil {
			w.mobiles[mobile] = new([]uint32)
		}
		return
	}
	if kind == kindUserid {
		w.userids[cell] = nobody
	}
	if text := strings.ToLower(cell); w.texts[text] == nil {
		w.texts[text] = new([kinds][]uint32)
	}
	if number := withoutZeros(cell); kind == kindJobNumber && number != "" && w.numbers[number] == nil {
		w.numbers[number] = new([]uint32)
	}
}

// find returns whom a cell of a kind means. A userid in other capitals, and a job number without its zeros, which a
// spreadsheet takes away, are found where nobody has them as they are.
func (w *wanted) find(kind int, cell string) []uint32 {
	if kind == kindMobile {
		if found := w.mobiles[plainMobile(cell)]; found != nil {
			return *found
		}
		return nil
	}
	if ordinal, asked := w.userids[cell]; kind == kindUserid && asked && ordinal != nobody {
		if ordinal == notFound {
			return nil
		}
		return []uint32{ordinal}
	}
	var people []uint32
	if found := w.texts[strings.ToLower(cell)]; found != nil {
		people = found[kind]
	}
	if number := withoutZeros(cell); kind == kindJobNumber && len(people) == 0 && number != "" {
		if found := w.numbers[number]; found != nil {
			people = *found
		}
	}
	return people
}

// withoutZeros is a number of digits without zeros at its beginning; "" for other texts.
func withoutZeros[T string | []byte](text T) string {
	if len(text) == 0 {
		return ""
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return ""
		}
	}
	if rest := strings.TrimLeft(string(text), "0"); rest != "" {
		return rest
	}
	return "0"
}

// plainMobile is the digits of what may be a mobile, without the prefix of China; "" for
// what is none.
func plainMobile(text string) string {
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune("+-() .·/", r):
			return -1
		}
		return 'x'
	}, text)
	const least, most = 7, 20
	if len(digits) < least || len(digits) > most || strings.Contains(digits, "x") {
		return ""
	}
	for _, prefix := range []string{"0086", "86"} {
		if rest, found := strings.CutPrefix(digits, prefix); found && len(rest) == 11 && rest[0] == '1' {
			return rest
		}
	}
	return digits
}

// lookUp finds the active people inside of a range whom a list means.
func (s *Service) lookUp(ctx context.Context, t *tenant, within Range, w *wanted) error {
	active := Active
	allowed, err := t.listed(PeopleQuery{Within: within, State: &active})
	if err != nil || allowed.IsEmpty() {
		return err
	}
	t.mu.RLock()
	for userid := range w.userids {
		ordinal, there := t.snap.living[userid]
		if there && !allowed.Contains(ordinal) {
			ordinal = notFound
		}
		if there {
			w.userids[userid] = ordinal
		}
	}
	t.mu.RUnlock()
	if len(w.mobiles) > 0 {
		err := s.store.MobilesBetween(ctx, t.id, 0, allowed.Maximum()+1, func(ordinal uint32, mobile string) {
			if found := w.mobiles[plainMobile(mobile)]; found != nil && allowed.Contains(ordinal) {
				*found = append(*found, ordinal)
			}
		})
		if err != nil {
			return err
		}
	}
	if len(w.texts) == 0 {
		return nil
	}
	release, err := take(ctx, t.searching)
	if err != nil {
		return err
	}
	defer release()
	a, err := s.searched(ctx, t)
	if err != nil {
		return err
	}
	ordinals, some := make([]uint32, matchPiece), allowed.ManyIterator()
	for n := some.NextMany(ordinals); n > 0; n = some.NextMany(ordinals) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		t.mu.RLock()
		for _, ordinal := range ordinals[:n] {
			w.compare(ordinal, a.of(ordinal))
		}
		t.mu.RUnlock()
	}
	return nil
}

// of returns what somebody is searched by; empty for whom nothing is known of.
func (a *searched) of(ordinal uint32) []byte {
	if text := a.late[ordinal]; len(text) > 0 {
		return text
	}
	if int(ordinal)+1 >= len(a.starts) {
		return nil
	}
	return a.text[a.starts[ordinal]:a.starts[ordinal+1]]
}

// compare adds somebody to what names them, text being as searchText has it.
func (w *wanted) compare(ordinal uint32, text []byte) {
	for _, kind := range [...]int{kindName, kindUserid, kindJobNumber} {
		part, rest, _ := bytes.Cut(text, []byte{0})
		text = rest
		if len(part) == 0 {
			continue
		}
		if found := w.texts[string(part)]; found != nil {
			found[kind] = append(found[kind], ordinal)
		}
		if kind != kindJobNumber || part[0] < '0' || part[0] > '9' {
			continue
		}
		if found := w.numbers[withoutZeros(part)]; found != nil {
			*found = append(*found, ordinal)
		}
	}
}

// foundRow is a row with whom it means.
type foundRow struct {
	listRow
	people   []uint32 // none, the one, or those among whom to choose
	by       int      // a kind
	repeated bool
}

// found is what a list means, and who that is.
type found struct {
	rows   []foundRow
	people map[uint32]User
}

// resolve decides whom each row means.
func (l *list) resolve(w *wanted) *found {
	l.choose(w)
	f := &found{rows: make([]foundRow, 0, len(l.rows))}
	seen := roaring.New()
	for _, row := range l.rows {
		one := foundRow{listRow: row}
		one.people, one.by = l.meant(w, row)
		if len(one.people) == 1 {
			one.repeated = !seen.CheckedAdd(one.people[0])
		}
		f.rows = append(f.rows, one)
	}
	return f
}

// meant returns whom all cells of a row mean together, or if there is nobody whom any of
// them means, and the kind of that which says most.
func (l *list) meant(w *wanted, row listRow) (people []uint32, by int) {
	by = kinds
	var any []uint32
	for i, kind := range l.columns {
		if i >= len(row.cells) || kind == noKind && len(l.columns) > 1 {
			continue
		}
		of := []uint32(nil)
		if kind != noKind {
			of = w.find(kind, row.cells[i])
		}
		if !l.header && len(l.columns) == 1 { // whoever wrote it by hand wrote what they knew
			for other := 0; other < kinds && len(of) == 0; other++ {
				of, kind = w.find(other, row.cells[i]), other
			}
		}
		if len(of) == 0 {
			continue
		}
		if any == nil {
			people = of
		} else {
			people = slices.DeleteFunc(slices.Clone(people), func(o uint32) bool { return !slices.Contains(of, o) })
		}
		any, by = append(any, of...), min(by, kind)
	}
	if len(people) == 0 && len(any) > 0 {
		slices.Sort(any)
		people = slices.Compact(any)
	}
	return people, by
}

// introduce reads who the people are, of ambiguous rows the first.
func (s *Service) introduce(ctx context.Context, t *tenant, within Range, f *found) error {
	all := roaring.New()
	for _, row := range f.rows {
		all.AddMany(row.people[:min(len(row.people), maxCandidates)])
	}
	people, err := s.PeopleByOrdinal(ctx, t.id, all.ToArray())
	if err != nil {
		return err
	}
	users := slices.Collect(maps.Values(people))
	t.narrow(within, users)
	f.people = make(map[uint32]User, len(users))
	for _, u := range users {
		f.people[u.Ordinal] = u
	}
	return nil
}

// matches sorts the rows.
func (f *found) matches() Matches {
	var m Matches
	for _, row := range f.rows {
		one := Match{Line: row.line, Text: row.text()}
		switch {
		case len(row.people) == 0:
			m.Unknown = append(m.Unknown, one)
			continue
		case len(row.people) > 1:
			for _, ordinal := range row.people[:min(len(row.people), maxCandidates)] {
				one.Candidates = append(one.Candidates, f.people[ordinal])
			}
			one.More = len(row.people) > maxCandidates
			m.Ambiguous = append(m.Ambiguous, one)
			continue
		}
		one.User, one.By = f.people[row.people[0]], matchKinds[row.by]
		if row.repeated {
			m.Repeated = append(m.Repeated, one)
		} else {
			m.Matched = append(m.Matched, one)
		}
	}
	return m
}
