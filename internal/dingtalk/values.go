package dingtalk

import (
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/tidings-im/tidings/internal/fault"
	"github.com/tidings-im/tidings/internal/notify"
	"github.com/tidings-im/tidings/internal/template"
)

// values returns a map of texts, empty if it is missing. It is a JSON object
// or the text of one; numbers and booleans in it are texts, null is as not
// there.
func (c *call) values(name string) (template.Values, error) {
	v, _, err := read(c.args, name, parseValues, maps.Equal[template.Values])
	return v, err
}

func parseValues(name string, v value) (template.Values, error) {
	if v.kind != textValue && v.kind != structure {
		return nil, invalid(name, "must be a JSON object of texts")
	}
	members, err := readJSON(nil, v.text)
	if err != nil {
		// What is wrong inside is told, but as this parameter's fault.
		return nil, invalid(name, "must be a JSON object of texts: "+fault.From(err).Text)
	}
	values := make(template.Values, len(members))
	for _, m := range members {
		switch m.value.kind {
		case structure:
			return nil, invalid(name+"."+m.name, "must be a text")
		case null:
		default:
			values[m.name] = m.value.text
		}
	}
	return values, nil
}

// templateDigest is digest for a send by template.
func templateDigest(r notify.TemplateRequest) [32]byte {
	h := sha256.New()
	hashEnvelope(h, r.Envelope)
	hashBytes(h, []byte(r.TemplateID))
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		hashBytes(h, []byte(name))
		hashBytes(h, []byte(r.Values[name]))
	}
	return [32]byte(h.Sum(nil))
}
