package template

import (
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// Values are what a sender fills in, by parameter.
type Values map[string]string

// Names turns ids into names, of one organization's directory.
type Names interface {
	// UserName returns the name of a living user, false when there is none.
	UserName(userid string) (string, bool)
	// DepartmentName returns the name of a department, false when there is none.
	DepartmentName(id string) (string, bool)
}

// values are checked Values, ids translated. Each is written and read once,
// however often it stands in a form. For one goroutine.
type values struct {
	texts      map[string]string
	parameters map[string]Parameter
	written    map[placed]string
	readings   map[string]string
}

// placed is a parameter in a sort of place.
type placed struct {
	name  string
	place place
}

func newValues(texts map[string]string, parameters map[string]Parameter) values {
	return values{texts, parameters, map[placed]string{}, map[string]string{}}
}

func (v values) hosts(name string) []string { return v.parameters[name].Hosts }

// in returns what is written for a parameter where it stands.
func (v values) in(p part) string {
	at := placed{p.name, p.place}
	text, known := v.written[at]
	if !known {
		text = p.write(v.texts[p.name])
		v.written[at] = text
	}
	return text
}

// read returns how a card reads a parameter's value among words.
func (v values) read(p part) string {
	text, known := v.readings[p.name]
	if !known {
		text = visible(shown(v.texts[p.name]))
		v.readings[p.name] = text
	}
	return text
}

// take checks that every parameter has a value that is not too long. Values of
// other names are ignored. Names may be nil.
func (t *Template) take(given Values, names Names) (values, error) {
	texts := make(map[string]string, len(t.form.Parameters))
	for _, p := range t.form.Parameters {
		text, ok := given[p.Name]
		if !ok {
			return values{}, fault.New(fault.CodeTemplateValueMissing, "missing template parameter: %s", p.Name).WithField("data." + p.Name)
		}
		most := MaxValue
		if p.MaxLength > 0 {
			most = p.MaxLength
		}
		if names != nil && len(text) <= mentionText {
			text = translate(text, names)
		}
		if n := utf8.RuneCountInString(text); n > most {
			return values{}, tooLong("data."+p.Name, most, n)
		}
		texts[p.Name] = text
	}
	return newValues(texts, t.parameters), nil
}

func tooLong(path string, limit, actual int) error {
	return fault.New(fault.CodeMessageFieldLong, "%s has %d characters, the limit is %d", path, actual, limit).
		WithField(path).WithLimit(int64(limit), int64(actual))
}

// translate replaces $userName=ID$ and $departmentName=ID$ by names. What
// names nobody stays as it is written.
func translate(text string, names Names) string {
	if !strings.Contains(text, "Name=") {
		return text
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		name, length := named(text, names)
		if length == 0 {
			b.WriteByte('$')
			text = text[1:]
			continue
		}
		b.WriteString(name)
		text = text[length:]
	}
	b.WriteString(text)
	return b.String()
}

// named returns the name that the text begins with an order for, and the
// order's length; 0 when it begins with none.
func named(text string, names Names) (name string, length int) {
	for prefix, find := range map[string]func(string) (string, bool){
		"$userName=": names.UserName, "$departmentName=": names.DepartmentName,
	} {
		id, ok := strings.CutPrefix(text, prefix)
		end := strings.IndexByte(id, '$')
		if !ok || end <= 0 {
			continue
		}
		if name, known := find(id[:end]); known {
			return name, len(prefix) + end + 1
		}
	}
	return "", 0
}
