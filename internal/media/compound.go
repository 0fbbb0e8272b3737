package media

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
)

// compoundMagic begins a compound file, the container of old Office documents
// and of much else, Windows installers among it.
var compoundMagic = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

const (
	compoundHeader = 512
	compoundEntry  = 128
	// compoundSectors is how much of a directory is looked at.
	compoundSectors = 256
	compoundLast    = 0xfffffffa // sector numbers from here on are marks
)

// compoundStreams name the main stream of each format.
var compoundStreams = map[string]*format{
	"WordDocument":        formatDOC,
	"Workbook":            formatXLS,
	"Book":                formatXLS,
	"PowerPoint Document": formatPPT,
}

// detectCompound looks into the directory of a compound file, nil if it holds
// no Office document.
func detectCompound(r io.ReaderAt, _ int64) (*format, error) {
	header := make([]byte, compoundHeader)
	if ok, err := readAt(r, header, 0); !ok {
		return nil, err
	}
	shift := binary.LittleEndian.Uint16(header[30:])
	if shift != 9 && shift != 12 {
		return nil, nil
	}
	sectorSize := int64(1) << shift
	at := func(sector uint32) int64 { return (int64(sector) + 1) * sectorSize }
	sector := binary.LittleEndian.Uint32(header[48:])
	buf := make([]byte, sectorSize)
	for range compoundSectors {
		if sector >= compoundLast {
			break
		}
		if ok, err := readAt(r, buf, at(sector)); !ok {
			return nil, err
		}
		for entry := buf; len(entry) >= compoundEntry; entry = entry[compoundEntry:] {
			if f := compoundStreams[compoundName(entry)]; f != nil {
				return f, nil
			}
		}
		// The next sector stands in the allocation table, whose own sectors
		// the header lists: the first 109 of them, which cover 7 MB or more.
		perSector := uint32(sectorSize / 4)
		table := sector / perSector
		if table >= 109 {
			break
		}
		tableAt := at(binary.LittleEndian.Uint32(header[76+4*table:]))
		if ok, err := readAt(r, buf[:4], tableAt+int64(sector%perSector)*4); !ok {
			return nil, err
		}
		sector = binary.LittleEndian.Uint32(buf)
	}
	return nil, nil
}

// compoundName returns the name of a directory entry, "" if it is not in use.
func compoundName(entry []byte) string {
	const streamEntry = 2
	length := int(binary.LittleEndian.Uint16(entry[64:])) // bytes, with a final NUL
	if entry[66] != streamEntry || length < 4 || length > 64 || length%2 != 0 {
		return ""
	}
	units := make([]uint16, length/2-1)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(entry[2*i:])
	}
	return string(utf16.Decode(units))
}
