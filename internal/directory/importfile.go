package directory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/sheet"
)

// importFile is a file whose lines have been looked at, once each. What they
// say is not kept, since there may be a million: it is read again when it is
// written.
type importFile struct {
	form

	text   *sheet.Text
	rows   []rowPlace
	places places
	errors lineErrors

	named         *roaring.Bitmap // people who are there already, disabled ones included
	disabling     int             // of them active, and to be disabled by their state
	stillDisabled int             // of them disabled, and not to be enabled
}

// rowPlace is where a line is in the text, and what orders it.
type rowPlace struct {
	at    int64
	size  uint32
	line  uint32
	place int32 // in places; noPlace: nothing is said of departments
	key   int64 // the ordinal; newPerson and up for people who are not there yet
}

func (p rowPlace) end() int64 { return p.at + int64(p.size) }

const (
	noPlace   = -1
	newPerson = 1 << 40
)

// readImport looks at every line of a file. It fails only when reading does;
// what is wrong with the text is in the file's errors.
func readImport(text *sheet.Text, t *tenant) (*importFile, error) {
	f := &importFile{text: text, named: roaring.New(), places: newPlaces()}
	s, at, lines, err := readForm(text, &f.errors)
	f.form = s
	if err != nil || f.errors.count > 0 {
		return f, err
	}
	limited := &rowReader{in: io.NewSectionReader(text, at, text.Size()-at), left: maxRow}
	in := f.reader(limited)
	seen := &userids{seed: maphash.MakeSeed(), first: map[uint64]uint32{}, file: f}
	for {
		start := at + in.InputOffset()
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if done, err := f.syntax(err, lines); done {
			return f, err
		}
		limited.left = maxRow
		line, _ := in.FieldPos(0)
		place := rowPlace{at: start, size: uint32(at + in.InputOffset() - start), line: uint32(lines + line)}
		if err := f.take(record, place, seen, t); err != nil {
			return nil, err
		}
	}
}

// syntax ends the reading at the first line that is no CSV: where the next one
// begins is anyone's guess.
func (f *importFile) syntax(err error, lines int) (done bool, _ error) {
	var wrong *csv.ParseError
	switch {
	case err == nil:
		return false, nil
	case errors.As(err, &wrong):
		f.errors.add(lines+wrong.StartLine, "", "the line is not valid CSV, check its quotes; nothing after it was read")
		return true, nil
	case errors.Is(err, errRowTooLong):
		last := lines
		if n := len(f.rows); n > 0 {
			last = int(f.rows[n-1].line)
		}
		f.errors.add(last+1, "", "a line of more than %d bytes begins here: check its quotes; nothing after it was read", maxRow)
		return true, nil
	default:
		return true, fmt.Errorf("directory.Import: %w", err)
	}
}

// take looks at one line and keeps its place.
func (f *importFile) take(record []string, place rowPlace, seen *userids, t *tenant) error {
	values, some, wrong := f.row(record)
	if wrong != "" {
		f.errors.add(int(place.line), "", "%s", wrong)
	}
	if !some || wrong != "" {
		return nil
	}
	row := importRow{line: int(place.line), values: values}
	first, err := seen.add(row.values[columnUserid], uint32(len(f.rows)))
	if err != nil {
		return err
	}
	f.check(&row, first)
	place.key = f.person(&row, t)
	place.place = f.places.number(row.values[columnDepartment], row.values[columnDeptID])
	f.rows = append(f.rows, place)
	return nil
}

// check says what is wrong with a row; first is the line that has the same
// userid, 0 for none.
func (f *importFile) check(row *importRow, first int) {
	userid := row.values[columnUserid]
	if err := checkUserid(userid); err != nil {
		f.errors.addFault(row.line, err)
	} else if first > 0 {
		f.errors.add(row.line, "userid", "the same userid is on line %d", first)
	}
	if f.has[columnName] && row.values[columnName] == "" {
		f.errors.add(row.line, "name", "the name is missing")
	}
	var scratch User
	if err := f.change(row).apply(&scratch); err != nil {
		f.errors.addFault(row.line, err)
	}
	if state := row.values[columnState]; state != "" && state != stateActive && state != stateDisabled {
		f.errors.add(row.line, "state", "%q is neither %s nor %s", trimmed(state), stateActive, stateDisabled)
	}
}

// The values of the column state.
const (
	stateActive   = "active"
	stateDisabled = "disabled"
)

// person finds the person of a row, and returns the row's key.
func (f *importFile) person(row *importRow, t *tenant) int64 {
	t.mu.RLock()
	ordinal, known := t.snap.living[row.values[columnUserid]]
	active := known && t.snap.active.Contains(ordinal)
	t.mu.RUnlock()
	if !known {
		if row.values[columnName] == "" && !f.has[columnName] {
			f.errors.add(row.line, "name", "a new user needs a name")
		}
		return newPerson
	}
	f.named.Add(ordinal)
	switch state := row.values[columnState]; {
	case active && state == stateDisabled:
		f.disabling++
	case !active && state == "":
		f.stillDisabled++
	}
	return int64(ordinal)
}

// cleared in a field takes away what is there.
const cleared = "-"

// change is what a row says about a person, apart from departments and state.
func (f *importFile) change(row *importRow) UserChange {
	var c UserChange
	text := func(column int, to **string) {
		if !f.has[column] {
			return
		}
		if row.values[column] == cleared {
			row.values[column] = ""
		}
		*to = &row.values[column]
	}
	text(columnMobile, &c.Mobile)
	text(columnEmail, &c.Email)
	text(columnJobNumber, &c.JobNumber)
	text(columnTitle, &c.Title)
	if row.values[columnName] != "" {
		c.Name = &row.values[columnName]
	}
	switch roles := row.values[columnRoles]; roles {
	case "":
	case cleared:
		c.Roles = &[]string{}
	default:
		list := slices.Collect(parts(roles))
		c.Roles = &list
	}
	return c
}

// read reads rows again.
func (f *importFile) read(places []rowPlace) ([]importRow, error) {
	rows := make([]importRow, 0, len(places))
	var text []byte
	for i := 0; i < len(places); {
		from, end := places[i].at, places[i].end()
		for i++; i < len(places) && places[i].at == end; i++ { // what stands together is read together
			end = places[i].end()
		}
		start := len(text)
		text = append(text, make([]byte, end-from+1)...)
		if _, err := f.text.ReadAt(text[start:len(text)-1], from); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("directory.Import: %w", err)
		}
		text[len(text)-1] = '\n' // the last line may have none; empty ones are skipped
	}
	in := f.reader(bytes.NewReader(text))
	for _, p := range places {
		record, err := in.Read()
		if err != nil {
			return nil, fmt.Errorf("directory.Import: line %d is read otherwise the second time: %w", p.line, err)
		}
		values, _, _ := f.row(record)
		rows = append(rows, importRow{line: int(p.line), values: values, key: p.key, depts: f.places.of(p.place)})
	}
	return rows, nil
}

// userids finds userids that come twice. It keeps a number of each and asks
// the text when two numbers are the same.
type userids struct {
	seed  maphash.Seed
	first map[uint64]uint32 // the index of a row
	file  *importFile
}

// add returns the line that had the userid before, 0 for none.
func (u *userids) add(userid string, row uint32) (line int, err error) {
	h := maphash.String(u.seed, userid)
	for {
		before, there := u.first[h]
		if !there {
			u.first[h] = row
			return 0, nil
		}
		rows, err := u.file.read(u.file.rows[before : before+1])
		if err != nil {
			return 0, err
		}
		if rows[0].values[columnUserid] == userid {
			return rows[0].line, nil
		}
		h++ // another userid with the same number
	}
}

// addFault records a refusal of one of the room's own rules.
func (e *lineErrors) addFault(line int, err error) {
	f := fault.From(err)
	e.add(line, f.Field, "%s", f.Text)
}

// parts splits a list inside a field: by commas, which neither names of
// departments nor ids nor roles can hold, of either width.
func parts(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '，' }) {
			if part = strings.TrimSpace(part); part != "" && !yield(part) {
				return
			}
		}
	}
}
