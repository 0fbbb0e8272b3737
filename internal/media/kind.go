package media

import (
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
)

// The kinds of files. No message plays a video; one of type file offers it for
// download.
const (
	KindImage = "image"
	KindVoice = "voice"
	KindVideo = "video"
	KindFile  = "file"
)

// Kinds returns the names of the kinds that can be uploaded.
func Kinds() []string { return []string{KindImage, KindVoice, KindVideo, KindFile} }

const megabyte = 1 << 20

// MaxBytes is the largest file of any kind.
const MaxBytes = 20 * megabyte

// maxVoice is the largest recording in bytes.
const maxVoice = 2 * megabyte

// format is one way of writing a file: its content type, and the endings of
// its names, the usual one first.
type format struct {
	contentType string
	endings     []string
}

// The formats, each with its own detector.
var (
	formatJPEG = &format{"image/jpeg", []string{".jpg", ".jpeg", ".jpe", ".jfif"}}
	formatPNG  = &format{"image/png", []string{".png"}}
	formatGIF  = &format{"image/gif", []string{".gif"}}
	formatBMP  = &format{"image/bmp", []string{".bmp", ".dib"}}

	formatAMR = &format{"audio/amr", []string{".amr"}}
	formatMP3 = &format{"audio/mpeg", []string{".mp3"}}
	formatWAV = &format{"audio/wav", []string{".wav"}}

	formatMP4 = &format{"video/mp4", []string{".mp4", ".m4v"}}

	formatPDF  = &format{"application/pdf", []string{".pdf"}}
	formatRAR  = &format{"application/vnd.rar", []string{".rar"}}
	formatZIP  = &format{"application/zip", []string{".zip"}}
	formatDOCX = &format{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}}
	formatXLSX = &format{"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", []string{".xlsx"}}
	formatPPTX = &format{"application/vnd.openxmlformats-officedocument.presentationml.presentation", []string{".pptx"}}
	formatDOC  = &format{"application/msword", []string{".doc", ".dot"}}
	formatXLS  = &format{"application/vnd.ms-excel", []string{".xls", ".xlt"}}
	formatPPT  = &format{"application/vnd.ms-powerpoint", []string{".ppt", ".pps", ".pot"}}
)

// rule is what is taken as one kind.
type rule struct {
	maxBytes int64
	formats  []*format
	names    string // of the formats, for people
}

var rules = map[string]rule{
	KindImage: {
		MaxBytes,
		[]*format{formatJPEG, formatPNG, formatGIF, formatBMP},
		"jpg, gif, png or bmp",
	},
	KindVoice: {
		maxVoice,
		[]*format{formatAMR, formatMP3, formatWAV},
		"amr, mp3 or wav",
	},
	KindVideo: {
		MaxBytes,
		[]*format{formatMP4},
		"mp4",
	},
	KindFile: {
		MaxBytes,
		[]*format{
			formatPDF, formatRAR, formatZIP, formatDOCX, formatXLSX, formatPPTX,
			formatDOC, formatXLS, formatPPT,
		},
		"doc, docx, xls, xlsx, ppt, pptx, zip, pdf or rar",
	},
}

// ruleOf returns the rule of a kind, CodeMediaType if there is none.
func ruleOf(kind string) (rule, error) {
	if r, ok := rules[kind]; ok {
		return r, nil
	}
	text := "type must be image, voice, video or file"
	if kind == "" {
		text = "type is required: image, voice, video or file"
	}
	return rule{}, fault.New(fault.CodeMediaType, "%s", text).WithField("type")
}

func (r rule) takes(f *format) bool { return f != nil && slices.Contains(r.formats, f) }

// tooLarge says so in bytes. actual is 0 when the end was never read.
func (r rule) tooLarge(kind string) *fault.Fault {
	return fault.New(fault.CodeMediaTooLarge, "a file of type %s is too large, the limit is %d bytes", kind, r.maxBytes).
		WithField("media").WithLimit(r.maxBytes, 0)
}

func wrongFormat(kind string, r rule) *fault.Fault {
	return fault.New(fault.CodeMediaFormat, "the content of media is not %s, as type %s needs", r.names, kind).
		WithField("media")
}
