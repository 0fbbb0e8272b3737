package media_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/media"
	"github.com/tidings-im/tidings/internal/media/s3"
	"github.com/tidings-im/tidings/internal/store/storetest"
)

// rows is a Store in memory.
type rows struct {
	mu    sync.Mutex
	files []media.File
	notes map[string]note
	err   error // what Create answers
	room  error // what CheckSpace answers
}

func (s *rows) CheckSpace() error { return s.room }

type note struct {
	file      media.File
	abandoned bool
}

func (s *rows) CreateUpload(_ context.Context, organization int64, id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notes == nil {
		s.notes = map[string]note{}
	}
	s.notes[id] = note{file: media.File{Organization: organization, ID: id, CreatedAt: at}}
	return nil
}

func (s *rows) DeleteUpload(_ context.Context, _ int64, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.notes, id)
	return nil
}

func (s *rows) AbandonUploads(_ context.Context, before time.Time, limit int) ([]media.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []media.File
	for id, n := range s.notes {
		if n.file.CreatedAt.Before(before) && len(found) < limit {
			n.abandoned = true
			s.notes[id] = n
			found = append(found, n.file)
		}
	}
	return found, nil
}

func (s *rows) Usage(_ context.Context, organization, appID int64) (all, ofApp int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		if f.Organization == organization {
			all += f.Size
			if f.AppID == appID {
				ofApp += f.Size
			}
		}
	}
	return all, ofApp, nil
}

func (s *rows) Create(ctx context.Context, f media.File, q media.Quota) error {
	all, ofApp, _ := s.Usage(ctx, f.Organization, f.AppID)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if q.All > 0 && all+f.Size > q.All || q.OfApp > 0 && ofApp+f.Size > q.OfApp {
		return q.Used(q.All > 0 && all+f.Size > q.All)
	}
	if n, noted := s.notes[f.ID]; !noted || n.abandoned {
		return fault.New(fault.CodeConflict, "abandoned")
	}
	delete(s.notes, f.ID)
	s.files = append(s.files, f)
	return nil
}

func (s *rows) ByIDs(_ context.Context, organization int64, ids []string) ([]media.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []media.File
	for _, f := range s.files {
		for _, id := range ids {
			if f.Organization == organization && f.ID == id {
				found = append(found, f)
			}
		}
	}
	return found, nil
}

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

type fixture struct {
	*media.Service
	rows    *rows
	storage media.Storage
	dir     string                            // of the disk
	list    func(testing.TB) (paths []string) // of all contents, ORGANIZATION/XX/ID

	mu    *sync.Mutex
	clock *time.Time
}

func newFixtureOn(storage media.Storage) fixture {
	now := noon
	f := fixture{rows: &rows{}, storage: storage, mu: &sync.Mutex{}, clock: &now}
	f.Service = media.New(media.Deps{Store: f.rows, Storage: storage, Now: func() time.Time {
		f.mu.Lock()
		defer f.mu.Unlock()
		return *f.clock
	}})
	return f
}

func (f fixture) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*f.clock = f.clock.Add(d)
}

// newFixture keeps its files on the disk.
func newFixture(tb testing.TB) fixture {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "media")
	disk, err := media.NewDisk(dir, noon)
	if err != nil {
		tb.Fatal(err)
	}
	f := newFixtureOn(disk)
	f.dir, f.list = dir, func(tb testing.TB) []string { return onDisk(tb, dir) }
	return f
}

// each runs a test on every place where files may be kept.
func each(t *testing.T, run func(t *testing.T, f fixture)) {
	t.Helper()
	for name, place := range map[string]func(testing.TB) fixture{
		"disk":     newFixture,
		"sqlite":   func(tb testing.TB) fixture { return inDatabase(tb, "sqlite") },
		"postgres": func(tb testing.TB) fixture { return inDatabase(tb, "postgres") },
		"s3":       inBucket,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, place(t))
		})
	}
}

func inDatabase(tb testing.TB, engine string) fixture {
	tb.Helper()
	address := storetest.Ready(tb, engine)
	f := newFixtureOn(storetest.At(tb, address, nil).MediaContents())
	driver, dsn := "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, dsn = "sqlite", path
	}
	look, err := sql.Open(driver, dsn)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = look.Close() })
	f.list = func(tb testing.TB) (paths []string) {
		tb.Helper()
		rows, err := look.Query(`SELECT DISTINCT organization, media_id FROM media_piece`)
		if err != nil {
			tb.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var organization int64
			var id string
			if err := rows.Scan(&organization, &id); err != nil {
				tb.Fatal(err)
			}
			paths = append(paths, fmt.Sprintf("%d/%s/%s", organization, media.Shard(id), id))
		}
		if err := rows.Err(); err != nil {
			tb.Fatal(err)
		}
		return paths
	}
	return f
}

// inBucket keeps its files in an object storage that is in memory.
func inBucket(tb testing.TB) fixture {
	tb.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		tb.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	tb.Cleanup(server.Close)
	location, err := s3.ParseLocation(server.URL + "/files/some/prefix?path-style=true&region=eu-1")
	if err != nil {
		tb.Fatal(err)
	}
	bucket, err := s3.Open(context.Background(), location, credentials.NewStaticV4("key", "secret", ""))
	if err != nil {
		tb.Fatal(err)
	}
	f := newFixtureOn(bucket)
	f.list = func(tb testing.TB) (paths []string) {
		tb.Helper()
		all, err := backend.ListBucket("files", nil, gofakes3.ListBucketPage{})
		if err != nil {
			tb.Fatal(err)
		}
		for _, one := range all.Contents {
			path, ok := strings.CutPrefix(one.Key, "some/prefix/")
			if !ok {
				tb.Errorf("a key without the prefix: %s", one.Key)
			}
			paths = append(paths, path)
		}
		return paths
	}
	return f
}

// kept lists all contents there are, ORGANIZATION/XX/ID.
func (f fixture) kept(tb testing.TB) []string {
	tb.Helper()
	return f.list(tb)
}

func (f fixture) upload(kind, name, content string) (media.File, error) {
	return f.Upload(context.Background(), media.Upload{
		Organization: 7, AppID: 3, Kind: kind, Name: name, Content: strings.NewReader(content),
	})
}

func (f fixture) mustUpload(tb testing.TB, kind, name, content string) media.File {
	tb.Helper()
	file, err := f.upload(kind, name, content)
	if err != nil {
		tb.Fatalf("upload %s %q: %v", kind, name, err)
	}
	return file
}

// open returns a file and its content.
func (f fixture) open(ctx context.Context, organization int64, id string) (media.File, io.ReadSeekCloser, error) {
	file, err := f.File(ctx, organization, id)
	if err != nil {
		return media.File{}, nil, err
	}
	content, err := f.Open(ctx, file)
	return file, content, err
}

// mustRead returns the stored bytes of a file.
func (f fixture) mustRead(tb testing.TB, file media.File) string {
	tb.Helper()
	_, content, err := f.open(context.Background(), file.Organization, file.ID)
	if err != nil {
		tb.Fatal(err)
	}
	defer content.Close()
	b, err := io.ReadAll(content)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// onDisk lists everything below a directory, relative to it.
func onDisk(tb testing.TB, dir string) []string {
	tb.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

func wantCode(tb testing.TB, err error, code fault.Code) {
	tb.Helper()
	if !fault.Is(err, code) {
		tb.Errorf("got %v, want %s", err, code)
	}
}

// corners is a picture whose four corners have their own colours.
func corners(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(255 * (x * 2 / w)), uint8(255 * (y * 2 / h)), 0, 255})
		}
	}
	return img
}

func mustEncode(tb testing.TB, encode func(io.Writer) error) string {
	tb.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func mustPNG(tb testing.TB, img image.Image) string {
	return mustEncode(tb, func(w io.Writer) error { return png.Encode(w, img) })
}

func mustJPEG(tb testing.TB, img image.Image) string {
	return mustEncode(tb, func(w io.Writer) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: 95}) })
}

func mustGIF(tb testing.TB, frames int) string {
	g := &gif.GIF{}
	for i := range frames {
		p := image.NewPaletted(image.Rect(0, 0, 32, 16), color.Palette{color.Black, color.White})
		p.SetColorIndex(i%32, i%16, 1)
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 5)
	}
	return mustEncode(tb, func(w io.Writer) error { return gif.EncodeAll(w, g) })
}

func mustZip(tb testing.TB, names ...string) string {
	return mustEncode(tb, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, name := range names {
			if f, err := z.Create(name); err != nil {
				return err
			} else if _, err := io.WriteString(f, "<x/>"); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

// withExif puts an APP1 segment with an orientation behind a JPEG's beginning.
func withExif(jpg string, orientation uint16, order binary.ByteOrder) string {
	tiff := []byte("MM\x00\x2a")
	if order == binary.LittleEndian {
		tiff = []byte("II\x2a\x00")
	}
	u16 := func(v uint16) { tiff = order.(binary.AppendByteOrder).AppendUint16(tiff, v) }
	u32 := func(v uint32) { tiff = order.(binary.AppendByteOrder).AppendUint32(tiff, v) }
	u32(8)
	u16(2)
	u16(0x010f) // maker
	u16(2)
	u32(4)
	u32(0x58585800)
	u16(0x0112)
	u16(3)
	u32(1)
	u16(orientation)
	u16(0)
	u32(0)
	payload := "Exif\x00\x00" + string(tiff) + "SECRET-GPS"
	size := len(payload) + 2
	return jpg[:2] + "\xff\xe1" + string([]byte{byte(size >> 8), byte(size)}) + payload + jpg[2:]
}

// pngOf is a valid PNG head that claims a size, with next to no data.
func pngOf(width, height uint32) string {
	ihdr := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(ihdr[4:], width)
	binary.BigEndian.PutUint32(ihdr[8:], height)
	ihdr[12], ihdr[13] = 8, 2
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(ihdr))
	return "\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + string(ihdr) + string(sum)
}

// compound is a small compound file with the given streams in its directory.
func compound(streams ...string) string {
	header := make([]byte, 512)
	copy(header, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(header[30:], 9)
	binary.LittleEndian.PutUint32(header[48:], 1) // the directory begins in sector 1
	table := bytes.Repeat([]byte{0xff}, 512)
	var dir []byte
	for _, name := range append([]string{"Root Entry"}, streams...) {
		entry := make([]byte, 128)
		units := utf16.Encode([]rune(name))
		for i, u := range units {
			binary.LittleEndian.PutUint16(entry[2*i:], u)
		}
		binary.LittleEndian.PutUint16(entry[64:], uint16(2*len(units)+2))
		entry[66] = 2
		dir = append(dir, entry...)
	}
	for len(dir)%512 != 0 {
		dir = append(dir, 0)
	}
	for i := 1; i < len(dir)/512; i++ {
		binary.LittleEndian.PutUint32(table[4*i:], uint32(i+1))
	}
	binary.LittleEndian.PutUint32(table[4*(len(dir)/512):], 0xfffffffe)
	return string(header) + string(table) + string(dir)
}

// mp3 is silence: frames of 128 kbit/s at 44.1 kHz.
func mp3(frames int) string {
	frame := "\xff\xfb\x90\x00" + strings.Repeat("\x00", 413)
	return strings.Repeat(frame, frames)
}

func wav() string {
	return "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x00\x00\x00\x00"
}

// mp4 is a film of a few bytes whose one track has a handler, as a writer of this
// brand makes it.
func mp4(brand, handler string) string {
	return boxOf("ftyp", brand+"\x00\x00\x02\x00"+brand) +
		boxOf("moov", boxOf("mvhd", strings.Repeat("\x00", 100))+
			boxOf("trak", boxOf("tkhd", strings.Repeat("\x00", 84))+
				boxOf("mdia", boxOf("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00"+handler+strings.Repeat("\x00", 13))))) +
		boxOf("mdat", strings.Repeat("film", 100))
}

func boxOf(name, content string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(content)))) + name + content
}
