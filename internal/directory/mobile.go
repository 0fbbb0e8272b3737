package directory

import "github.com/tidings-im/tidings/internal/fault"

// chinese is how many digits a mobile of China has, without its prefix.
const chinese = 11

// MobileForms are the digits with which a mobile may be stored; none for a text that is
// no mobile.
func MobileForms(text string) []string {
	plain := plainMobile(text)
	switch {
	case plain == "":
		return nil
	case len(plain) == chinese && plain[0] == '1':
		return []string{plain, "86" + plain, "0086" + plain}
	default:
		return []string{plain}
	}
}

func mobileInvalid() *fault.Fault {
	return fault.New(fault.CodeMobileInvalid, "a mobile has 7 to 20 digits, and nothing else but + - ( ) . / and spaces").WithField("mobile")
}
