package message

// The limits of texts, in characters, for every organization. Those of 64
// characters and less, of MaxText, and of action cards are the protocol's. Where
// it names none, ours is above what the protocol's 2,048 bytes for a whole message
// have room for: what was written for it is never refused for a field's length.
const (
	MaxText = 5000 // content, Markdown, and other texts of several lines
	MaxLine = 2000 // titles, keys, names, numbers: what is shown in one line
	MaxLink = 4000 // addresses, and pictures named by one
	MaxRows = 200  // rows of an oa form

	MaxActionTitle = 64
	MaxSingleTitle = 20
	MaxSingleURL   = 500
	MaxButtonList  = 1000 // of the whole list as canonical JSON
	MaxButtonTitle = 20
	MaxButtonURL   = 700

	// MaxMediaID is the longest id of an uploaded file.
	MaxMediaID = 256

	// MaxVoiceSeconds is the longest voice.
	MaxVoiceSeconds = 59
)

// longestParsed is how many bytes of a stored text are read as Markdown: those
// of the longest that Decode takes. A longer one, kept from before there was a
// limit, is shown as it is written.
const longestParsed = MaxText * 4

// glance is how many bytes of a text are read for a line of maxLine characters,
// at first. Nearly always that is enough.
const glance = 1500
