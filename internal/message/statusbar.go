package message

import (
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// MaxStatusValue is the longest text of a status bar in characters. The
// protocol names no limit; a chip on a card holds no more.
const MaxStatusValue = 100

// defaultStatusColor is the protocol's colour of a status bar without one.
const defaultStatusColor = "FF000000"

// StatusBar is the chip on an oa card: its text, and its colour as sent, which
// may be empty.
type StatusBar struct{ Value, Background string }

// ValidStatusBar checks what a status bar is to be changed to: value is
// required and at most MaxStatusValue characters, bg is empty or a colour that
// ParseColor reads. The faults name status_value or status_bg:
// CodeParameterMissing, CodeMessageFieldLong, CodeParameterInvalid (also for
// NUL or invalid UTF-8).
func ValidStatusBar(value, bg string) error {
	if f := checkStatusBar(StatusBar{value, bg}, ""); f != nil {
		return f.Fault
	}
	return nil
}

// statusFault is a fault of a status bar, which has other codes when it is
// part of a message.
type statusFault struct{ *fault.Fault }

func checkStatusBar(bar StatusBar, prefix string) *statusFault {
	value, bg := prefix+"status_value", prefix+"status_bg"
	var f *fault.Fault
	switch n := utf8.RuneCountInString(bar.Value); {
	case n == 0:
		f = fault.New(fault.CodeParameterMissing, "%s is required", value).WithField(value)
	case !isText(bar.Value):
		f = fault.New(fault.CodeParameterInvalid, "%s is not valid text", value).WithField(value)
	case n > MaxStatusValue:
		f = tooLong(value, MaxStatusValue, n)
	default:
		if _, ok := ParseColor(bar.Background); !ok && bar.Background != "" {
			f = fault.New(fault.CodeParameterInvalid,
				"%s must be %s", bg, colorForms).WithField(bg)
		}
	}
	if f == nil {
		return nil
	}
	return &statusFault{f}
}

func (f *statusFault) inMessage() *fault.Fault {
	inMessage := map[fault.Code]fault.Code{
		fault.CodeParameterMissing: fault.CodeMessageIncomplete,
		fault.CodeParameterInvalid: fault.CodeMessageFieldBad,
	}
	if code, ok := inMessage[f.Code]; ok {
		return fault.New(code, "%s", f.Text).WithField(f.Field)
	}
	return f.Fault
}

// isText reports whether s can be stored: valid UTF-8 without NUL.
func isText(s string) bool {
	for i := range len(s) {
		if s[i] == 0 {
			return false
		}
	}
	return utf8.ValidString(s)
}
