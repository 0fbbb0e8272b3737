package media

import (
	"bytes"
	"io"
)

// detect returns what a content is, nil if it is nothing this room knows. It
// reads beginnings and directories, never the whole.
func detect(r io.ReaderAt, size int64) (*format, error) {
	head := make([]byte, 16)
	n, err := r.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	for _, m := range magics {
		if bytes.HasPrefix(head, m.prefix) {
			return m.format, nil
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12 && string(head[8:12]) == "WAVE":
		return formatWAV, nil
	case len(head) >= boxHead && string(head[4:boxHead]) == "ftyp":
		return detectMP4(r, size)
	case bytes.HasPrefix(head, zipLocal):
		return detectZip(r, size)
	case bytes.HasPrefix(head, compoundMagic):
		return detectCompound(r, size)
	default:
		return detectMP3(r, size)
	}
}

// magics are the formats that their first bytes name beyond doubt. Content
// that carries a signature anywhere but at its very beginning is not of that
// format: that is how files which are two things at once are made.
var magics = []struct {
	prefix []byte
	format *format
}{
	{[]byte("\xff\xd8\xff"), formatJPEG},
	{[]byte("\x89PNG\r\n\x1a\n"), formatPNG},
	{[]byte("GIF87a"), formatGIF},
	{[]byte("GIF89a"), formatGIF},
	{[]byte("BM"), formatBMP},
	{[]byte("#!AMR\n"), formatAMR},
	{[]byte("#!AMR-WB\n"), formatAMR},
	{[]byte("%PDF-"), formatPDF},
	{[]byte("Rar!\x1a\x07\x00"), formatRAR},
	{[]byte("Rar!\x1a\x07\x01\x00"), formatRAR},
}

// readAt fills buf from off; ok is false if the content ends before.
func readAt(r io.ReaderAt, buf []byte, off int64) (ok bool, err error) {
	if off < 0 {
		return false, nil
	}
	n, err := r.ReadAt(buf, off)
	if n == len(buf) {
		return true, nil
	}
	if err == io.EOF {
		err = nil
	}
	return false, err
}
