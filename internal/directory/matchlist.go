package directory

import (
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/sheet"
)

// The places of kinds in matchKinds.
const (
	kindUserid = iota
	kindJobNumber
	kindMobile
	kindName
	kinds

	noKind = -1
)

// headers are what columns are called, as plainHeader writes it.
var headers = map[string]int{
	"userid": kindUserid, "uid": kindUserid, "用户id": kindUserid, "员工userid": kindUserid, "用户账号": kindUserid, "账号": kindUserid, "帐号": kindUserid,

	"jobnumber": kindJobNumber, "jobno": kindJobNumber, "employeeid": kindJobNumber, "employeenumber": kindJobNumber, "employeeno": kindJobNumber,
	"staffid": kindJobNumber, "staffno": kindJobNumber, "staffnumber": kindJobNumber, "personnelnumber": kindJobNumber,
	"工号": kindJobNumber, "员工工号": kindJobNumber, "员工号": kindJobNumber, "员工编号": kindJobNumber, "职工号": kindJobNumber, "人员编号": kindJobNumber, "工號": kindJobNumber,

	"mobile": kindMobile, "mobilephone": kindMobile, "mobilenumber": kindMobile, "phone": kindMobile, "phonenumber": kindMobile, "cellphone": kindMobile,
	"telephone": kindMobile, "tel": kindMobile,
	"手机": kindMobile, "手机号": kindMobile, "手机号码": kindMobile, "电话": kindMobile, "电话号码": kindMobile, "联系电话": kindMobile, "移动电话": kindMobile, "手機": kindMobile,

	"name": kindName, "fullname": kindName, "employeename": kindName, "姓名": kindName, "员工姓名": kindName, "人员姓名": kindName, "名字": kindName,
}

const (
	headerWithin = 10  // rows in which a header is looked for: titles may stand above it
	maxRowText   = 200 // how much of a row is repeated, in characters
)

// plainHeader leaves of a column's name what it is known by: Job No. (required) is jobno.
func plainHeader(cell string) string {
	for _, bracket := range "(（[【" {
		cell, _, _ = strings.Cut(cell, string(bracket))
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, cell)
}

// list is a list in which people are named.
type list struct {
	rows    []listRow
	header  bool
	columns []int // the kind of each column, or noKind
}

type listRow struct {
	line  int
	cells []string
}

// text is the row as it is told.
func (r listRow) text() string {
	cells := slices.DeleteFunc(slices.Clone(r.cells), func(cell string) bool { return cell == "" })
	text := []rune(strings.Join(cells, " "))
	return string(text[:min(len(text), maxRowText)])
}

// readList reads rows, and the header where there is one.
func readList(rows iter.Seq2[sheet.Row, error]) (*list, error) {
	l, cells := &list{}, 0
	for row, err := range rows {
		if err != nil {
			return nil, listFault(err)
		}
		if !l.header && len(l.rows) < headerWithin && l.readHeader(row.Cells) {
			continue
		}
		if len(l.rows) == MaxMatchedRows {
			return nil, fault.New(fault.CodeParameterInvalid, "the list has more than %d lines, which is the limit", MaxMatchedRows).
				WithField("file").WithLimit(MaxMatchedRows, MaxMatchedRows+1)
		}
		for _, cell := range row.Cells {
			if cell != "" {
				cells++
			}
		}
		if cells > MaxMatchedCells {
			return nil, fault.New(fault.CodeParameterInvalid, "the list has more than %d cells, which is the limit; leave only the columns that say who is meant", MaxMatchedCells).
				WithField("file").WithLimit(MaxMatchedCells, int64(cells))
		}
		l.rows = append(l.rows, listRow{row.Line, slices.Clone(row.Cells)})
	}
	return l, nil
}

// readHeader takes a row as the header if it names a column. The first column of each
// kind counts.
func (l *list) readHeader(cells []string) bool {
	var seen [kinds]bool
	columns := make([]int, len(cells))
	for i, cell := range cells {
		columns[i] = noKind
		if kind, known := headers[plainHeader(cell)]; known && !seen[kind] {
			columns[i], seen[kind] = kind, true
		}
	}
	if seen == [kinds]bool{} {
		return false
	}
	l.header, l.columns = true, columns
	return true
}

// kindsOf are the kinds of which a cell of a column may be, as far as is known.
func (l *list) kindsOf(column int) []int {
	switch {
	case !l.header:
		return []int{kindUserid, kindJobNumber, kindMobile, kindName}
	case column < len(l.columns) && l.columns[column] != noKind:
		return l.columns[column : column+1]
	default:
		return nil
	}
}

// choose finds out without a header which column is of which kind: that in which most
// cells name somebody.
func (l *list) choose(w *wanted) {
	if l.header {
		return
	}
	var counts [sheet.MaxColumns][kinds]int
	width := 0
	for _, row := range l.rows {
		width = max(width, len(row.cells))
		for i, cell := range row.cells {
			for kind := range kinds {
				if len(w.find(kind, cell)) > 0 {
					counts[i][kind]++
				}
			}
		}
	}
	l.columns = make([]int, width)
	for i := range l.columns {
		l.columns[i] = noKind
		for kind, n := range counts[i] {
			if n > 0 && (l.columns[i] == noKind || n > counts[i][l.columns[i]]) {
				l.columns[i] = kind
			}
		}
	}
	for i, kind := range l.columns { // one column of each kind
		for other := range l.columns {
			if kind != noKind && other != i && l.columns[other] == kind && counts[other][kind] < counts[i][kind] {
				l.columns[other] = noKind
			}
		}
	}
}

// used are the kinds of the columns, in their order, each once.
func (l *list) used() []string {
	used := []string{}
	for _, kind := range l.columns {
		if kind != noKind && !slices.Contains(used, matchKinds[kind]) {
			used = append(used, matchKinds[kind])
		}
	}
	return used
}
