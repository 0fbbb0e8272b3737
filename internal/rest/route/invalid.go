package route

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
)

// invalid turns what huma found wrong with a request into a fault. The values
// it found them in are left out: they may be anything.
// length is the body's as the client announced it, -1 when it did not.
func invalid(m *huma.ErrorModel, op *huma.Operation, schemas huma.Registry, length int64) error {
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		most := op.MaxBodyBytes - 1
		return fault.New(fault.CodeBodyTooLarge, "the body is too large, the limit is %d bytes", most).WithLimit(most, max(length, 0))
	case http.StatusUnsupportedMediaType:
		return fault.New(fault.CodeBodyMalformed, "the body must be application/json")
	case http.StatusRequestTimeout:
		return fault.New(fault.CodeBodyMalformed, "the body did not arrive in time")
	case http.StatusBadRequest:
		if op.SkipValidateBody { // it may be a file
			return fault.New(fault.CodeBodyMalformed, "the body is empty")
		}
		return errBody()
	case http.StatusUnprocessableEntity:
		return invalidField(m.Errors, op, schemas)
	case http.StatusInternalServerError:
		return fault.New(fault.CodeBodyMalformed, "the body cannot be read")
	}
	return fault.New(fault.CodeInternal, "internal error")
}

// invalidField tells the first thing that is wrong. Huma says where it is and what
// stands there; its words are for people.
func invalidField(found []*huma.ErrorDetail, op *huma.Operation, schemas huma.Registry) error {
	if len(found) == 0 {
		return fault.New(fault.CodeParameterInvalid, "the request is not valid")
	}
	first := found[0]
	if at := schemaAt(first.Location, op, schemas); at != nil {
		if f := against(at, first); f != nil {
			return f
		}
	}
	in, field, _ := strings.Cut(first.Location, ".") // query.limit, body.through
	switch value := first.Value.(type) {
	case map[string]any: // an object is where a property is missing
		if property := missing(value, schemaAt(first.Location, op, schemas)); property != "" {
			field = strings.TrimPrefix(field+"."+property, ".")
			return fault.New(fault.CodeParameterMissing, "%s is required", field).WithField(field)
		}
	case string:
		if value == "" && in != "body" {
			return fault.New(fault.CodeParameterMissing, "%s is required", field).WithField(field)
		}
		if first.Location == "body" && first.Message == errJSON.Error() {
			return errBody()
		}
	}
	return fault.New(fault.CodeParameterInvalid, "%s", first.Message).WithField(field)
}

// errBody is errJSON for whoever sent the body.
func errBody() error { return fault.New(fault.CodeBodyMalformed, "%s", errJSON.Error()) }

// missing returns the first property that an object must have and has not.
func missing(object map[string]any, schema *huma.Schema) string {
	if schema == nil {
		return ""
	}
	there := map[string]bool{}
	for name := range object {
		there[strings.ToLower(name)] = true
	}
	for _, property := range schema.Required {
		if !there[strings.ToLower(property)] {
			return property
		}
	}
	return ""
}

// against tells in our own words what of a schema's limits or form a value breaks;
// nil where something else is wrong.
func against(schema *huma.Schema, found *huma.ErrorDetail) error {
	_, field, _ := strings.Cut(found.Location, ".")
	var number float64
	switch value := found.Value.(type) {
	case string:
		if schema.Format == "date-time" {
			return fault.New(fault.CodeParameterInvalid, "%s is no time; a time is written as 2026-03-31T08:00:00Z or 2026-03-31T16:00:00%%2B08:00", field).
				WithField(field)
		}
		n := utf8.RuneCountInString(value)
		if schema.MaxLength == nil || n <= *schema.MaxLength {
			return nil
		}
		return fault.New(fault.CodeParameterInvalid, "%s has %d characters, the limit is %d", field, n, *schema.MaxLength).
			WithField(field).WithLimit(int64(*schema.MaxLength), int64(n))
	case int64:
		number = float64(value)
	case float64:
		number = value
	default:
		return nil
	}
	switch {
	case schema.Maximum != nil && number > *schema.Maximum:
		return fault.New(fault.CodeParameterInvalid, "%s is %.0f, the limit is %.0f", field, number, *schema.Maximum).
			WithField(field).WithLimit(int64(*schema.Maximum), int64(number))
	case schema.Minimum != nil && number < *schema.Minimum:
		return fault.New(fault.CodeParameterInvalid, "%s is %.0f, it is at least %.0f", field, number, *schema.Minimum).
			WithField(field).WithLimit(int64(*schema.Minimum), int64(number))
	}
	return nil
}

// schemaAt returns the schema of what is at a place, such as query.limit or
// body.rows[0]; nil where nothing is known of it.
func schemaAt(location string, op *huma.Operation, schemas huma.Registry) *huma.Schema {
	in, path, _ := strings.Cut(location, ".")
	if in != "body" {
		for _, p := range op.Parameters {
			if p.In == in && p.Name == path {
				return resolved(p.Schema, schemas)
			}
		}
		return nil
	}
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	at := resolved(op.RequestBody.Content["application/json"].Schema, schemas)
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' }) {
		switch {
		case at == nil:
			return nil
		case strings.HasSuffix(step, "]"):
			at = resolved(at.Items, schemas)
		default:
			at = resolved(at.Properties[step], schemas)
		}
	}
	return at
}

func resolved(s *huma.Schema, schemas huma.Registry) *huma.Schema {
	for s != nil && s.Ref != "" {
		s = schemas.SchemaFromRef(s.Ref)
	}
	return s
}
