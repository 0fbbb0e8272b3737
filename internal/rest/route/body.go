package route

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
)

// FileTime is how long the body of a route with files may take.
const FileTime = 3 * time.Minute

// Files lets a route's body be a file of at most limit bytes, of one of some media types,
// or what JSON describes, if that is not nil; JSON is read by Read.
func Files(op huma.Operation, limit int64, text string, jsonSchema *huma.Schema, types ...string) huma.Operation {
	content := map[string]*huma.MediaType{}
	if jsonSchema != nil {
		content["application/json"] = &huma.MediaType{Schema: jsonSchema}
	}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	op.RequestBody = &huma.RequestBody{Required: true, Description: text, Content: content}
	op.MaxBodyBytes, op.BodyReadTimeout, op.SkipValidateBody = limit, FileTime, true
	return op
}

// Schema describes a type beside those that routes name.
func (r Table) Schema(t reflect.Type) *huma.Schema {
	return r.api.huma.OpenAPI().Components.Schemas.Schema(t, true, "")
}

// Read reads a body of JSON as those of routes of JSON are read, but for the limits that
// its type has: the limit of its size is 1 MiB. Fails with CodeBodyTooLarge,
// CodeBodyMalformed and CodeParameterInvalid.
func Read(body []byte, into any) error {
	if len(body) > largeBody {
		return fault.New(fault.CodeBodyTooLarge, "the body is too large, the limit is %d bytes", largeBody).WithLimit(largeBody, int64(len(body)))
	}
	var anything map[string]json.RawMessage
	if strictJSON(body, &anything) != nil {
		return errBody()
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fault.New(fault.CodeParameterInvalid, "%s is of another type", wrong.Field).WithField(wrong.Field)
	}
	if err == nil {
		return nil
	}
	field := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
	return fault.New(fault.CodeParameterInvalid, "there is no such field").WithField(field)
}
