package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// The encodings that are told apart.
const (
	encodingUTF8    = "UTF-8"
	encodingUTF16   = "UTF-16"
	encodingGB18030 = "GB18030"
)

// Text is the text of a file in UTF-8, which can be read again from any
// place.
type Text struct {
	*io.SectionReader

	Encoding string // what the file was in: UTF-8, UTF-16 or GB18030
	kept     *spool
}

// Unreadable says why a file cannot be read, and on which line, 0 for all of it. Limit
// and Actual are those of what is too large, else 0.
type Unreadable struct {
	Line          int
	Reason        string
	Limit, Actual int64
}

func (u Unreadable) Error() string { return u.Reason }

// ReadText copies a file of at most limit bytes and finds out what it is written in: a
// long one to a temporary file without a name. An Unreadable error is about the file,
// any other about reading it.
func ReadText(file io.Reader, limit int64) (*Text, error) {
	raw, err := newSpool(file, limit)
	if err != nil {
		return nil, err
	}
	text, err := raw.decode()
	if err != nil || text.kept != raw {
		err = errors.Join(err, raw.Close())
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

// Close gives the copy up.
func (t *Text) Close() error { return t.kept.Close() }

// decode takes the spool over where it holds UTF-8, and leaves it alone
// otherwise.
func (s *spool) decode() (*Text, error) {
	utf16 := func(order unicode.Endianness) (*Text, error) {
		return s.transcode(encodingUTF16, unicode.UTF16(order, unicode.UseBOM))
	}
	head := make([]byte, 8)
	n, err := s.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("sheet.ReadText: %w", err)
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, Unreadable{Reason: "the file is an Excel workbook; in Excel, save it as “CSV UTF-8”"}
	case bytes.HasPrefix(head, []byte("\xff\xfe")), n > 1 && head[0] != 0 && head[1] == 0:
		return utf16(unicode.LittleEndian)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), n > 1 && head[0] == 0 && head[1] != 0:
		return utf16(unicode.BigEndian)
	}
	line, err := lineOf(io.NewSectionReader(s, 0, s.size), notUTF8)
	if err != nil {
		return nil, err
	}
	if line == 0 {
		return s.text(encodingUTF8), nil
	}
	chinese, err := looksLikeGB18030(io.NewSectionReader(s, 0, s.size))
	if err != nil {
		return nil, err
	}
	if chinese && !bytes.HasPrefix(head, utf8Mark) {
		text, err := s.transcode(encodingGB18030, simplifiedchinese.GB18030)
		if err == nil || !errors.As(err, &Unreadable{}) {
			return text, err
		}
	}
	return nil, Unreadable{Line: line, Reason: "the text is neither UTF-8 nor UTF-16 nor GB18030 (GBK); in Excel, save it as “CSV UTF-8”"}
}

// transcode copies the spool as UTF-8.
func (s *spool) transcode(name string, from encoding.Encoding) (*Text, error) {
	kept, err := newSpool(from.NewDecoder().Reader(io.NewSectionReader(s, 0, s.size)), 3*s.limit) // two bytes may become three
	if err != nil {
		return nil, err
	}
	line, err := lineOf(io.NewSectionReader(kept, 0, kept.size), replaced)
	if err == nil && line > 0 {
		err = Unreadable{Line: line, Reason: "the line is not valid " + name + ", as which the file begins"}
	}
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	return kept.text(name), nil
}

// text is what the spool holds in UTF-8, without a byte order mark.
func (s *spool) text(encoding string) *Text {
	start := int64(0)
	var mark [3]byte
	if n, _ := s.ReadAt(mark[:], 0); bytes.HasPrefix(mark[:n], utf8Mark) {
		start = int64(n)
	}
	return &Text{io.NewSectionReader(s, start, s.size-start), encoding, s}
}

// lineOf returns the line of the first byte that find, which is given whole
// characters, returns the place of; 0 when it always returns -1.
func lineOf(r io.Reader, find func([]byte) int) (line int, err error) {
	line = 1
	for buffer := make([]byte, 0, 64<<10); ; {
		n, err := r.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		whole := buffer
		if err == nil {
			whole = buffer[:wholeRunes(buffer)]
		}
		if at := find(whole); at >= 0 {
			return line + bytes.Count(whole[:at], []byte("\n")), nil
		}
		line += bytes.Count(whole, []byte("\n"))
		buffer = buffer[:copy(buffer[:cap(buffer)], buffer[len(whole):])]
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return 0, fmt.Errorf("sheet.ReadText: %w", err)
		}
	}
}

// wholeRunes is how much of b is left without a character cut off at its end.
func wholeRunes(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return len(b)
			}
			return len(b) - n
		}
	}
	return len(b)
}

func notUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i, r := range string(b) {
		if r == utf8.RuneError && !bytes.HasPrefix(b[i:], replacement) {
			return i
		}
	}
	return -1
}

var utf8Mark = []byte("\xef\xbb\xbf")

// replacement is U+FFFD, which a decoder writes for what it cannot read.
var replacement = []byte("\xef\xbf\xbd")

func replaced(b []byte) int { return bytes.Index(b, replacement) }

// looksLikeGB18030 reports whether most of what is not ASCII are the Chinese
// characters and signs of everyday: text in Latin or Big5 encodings, which may
// be read as GB18030 too, has few of these pairs.
func looksLikeGB18030(r io.Reader) (bool, error) {
	text := bufio.NewReaderSize(r, 64<<10)
	pairs, everyday := 0, 0
	for {
		lead, err := text.ReadByte()
		if errors.Is(err, io.EOF) {
			return pairs > 0 && everyday*10 >= pairs*8, nil
		}
		if err != nil {
			return false, fmt.Errorf("sheet.ReadText: %w", err)
		}
		if lead < 0x80 {
			continue
		}
		trail, err := text.ReadByte()
		pairs++
		if err == nil && trail >= 0xa1 && (lead >= 0xb0 && lead <= 0xf7 || lead == 0xa1 || lead == 0xa3) {
			everyday++
		}
	}
}
