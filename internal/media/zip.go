package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

var (
	zipLocal = []byte("PK\x03\x04")
	zipEnd   = []byte("PK\x05\x06")
	zipEntry = []byte("PK\x01\x02")
)

const (
	zipEndSize   = 22
	zipEntrySize = 46
	// zipEntries is how many names are looked at: an Office document names its
	// main part long before.
	zipEntries = 4096
)

// detectZip tells Office documents from other zips by the names in the
// directory at the end. archive/zip would hold every name of a directory of
// half a million in memory. Nothing is decompressed.
func detectZip(r io.ReaderAt, size int64) (*format, error) {
	dir, err := zipDirectory(r, size)
	if dir == nil || err != nil {
		return nil, err
	}
	entries := bufio.NewReader(dir)
	header := make([]byte, zipEntrySize)
	office := formatZIP
	types, any := false, false
	for range zipEntries {
		if _, err := io.ReadFull(entries, header); err != nil || !bytes.HasPrefix(header, zipEntry) {
			break // the end, or the end of what is readable
		}
		any = true
		name := make([]byte, binary.LittleEndian.Uint16(header[28:]))
		if _, err := io.ReadFull(entries, name); err != nil {
			break
		}
		skip := int(binary.LittleEndian.Uint16(header[30:])) + int(binary.LittleEndian.Uint16(header[32:]))
		if _, err := entries.Discard(skip); err != nil {
			break
		}
		types = types || string(name) == "[Content_Types].xml"
		if f := officePart(string(name)); f != nil {
			office = f
		}
	}
	if !any {
		return nil, nil
	}
	if types {
		return office, nil
	}
	return formatZIP, nil
}

func officePart(name string) *format {
	switch {
	case strings.HasPrefix(name, "word/"):
		return formatDOCX
	case strings.HasPrefix(name, "xl/"):
		return formatXLSX
	case strings.HasPrefix(name, "ppt/"):
		return formatPPTX
	}
	return nil
}

// zipDirectory finds the directory of a zip, nil if there is none. The end
// record may be followed by a comment of 64 KiB.
func zipDirectory(r io.ReaderAt, size int64) (io.Reader, error) {
	tail := make([]byte, min(size, zipEndSize+1<<16))
	if ok, err := readAt(r, tail, size-int64(len(tail))); !ok {
		return nil, err
	}
	at := bytes.LastIndex(tail, zipEnd)
	if at < 0 || len(tail)-at < zipEndSize {
		return nil, nil
	}
	length := int64(binary.LittleEndian.Uint32(tail[at+12:]))
	offset := int64(binary.LittleEndian.Uint32(tail[at+16:]))
	end := size - int64(len(tail)) + int64(at)
	if length == 0 || offset+length > end {
		return nil, nil
	}
	return io.NewSectionReader(r, offset, length), nil
}
