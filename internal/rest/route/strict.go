package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// errJSON is all that is said about a body that is not JSON: a parser's own
// words would repeat parts of it.
var errJSON = errors.New("the body must be one JSON value in UTF-8")

// strictJSON reads one JSON value and nothing after it, and refuses text that
// would have to be repaired. Unknown and missing fields are the schema's to
// refuse.
func strictJSON(data []byte, into any) error {
	if !utf8.Valid(data) || bytes.Contains(data, []byte(`\u0000`)) {
		return errJSON
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(into); err != nil {
		return errJSON
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errJSON
	}
	return nil
}

func jsonFormat() huma.Format {
	return huma.Format{
		Marshal:   func(w io.Writer, v any) error { return json.NewEncoder(w).Encode(v) },
		Unmarshal: strictJSON,
	}
}
