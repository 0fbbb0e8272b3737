package rest

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tidings-im/tidings/internal/fault"
)

// invalid turns what huma found wrong with a request into a fault. The values
// it found them in are left out: they may be anything.
// length is the body's as the client announced it, -1 when it did not.
func invalid(m *huma.ErrorModel, length int64) error {
	switch m.Status {
	case http.StatusRequestEntityTooLarge:
		return fault.New(fault.CodeBodyTooLarge, "the body may have %d bytes", maxBody).WithLimit(maxBody, max(length, 0))
	case http.StatusUnsupportedMediaType:
		return fault.New(fault.CodeBodyMalformed, "the body must be application/json")
	case http.StatusRequestTimeout:
		return fault.New(fault.CodeBodyMalformed, "the body did not arrive in time")
	case http.StatusBadRequest:
		return fault.New(fault.CodeBodyMalformed, "%s", errJSON.Error())
	case http.StatusUnprocessableEntity:
		return invalidField(m.Errors)
	case http.StatusInternalServerError:
		return fault.New(fault.CodeBodyMalformed, "the body cannot be read")
	}
	return fault.New(fault.CodeInternal, "internal error")
}

func invalidField(found []*huma.ErrorDetail) error {
	if len(found) == 0 {
		return fault.New(fault.CodeParameterInvalid, "the request is not valid")
	}
	first := found[0]
	_, field, _ := strings.Cut(first.Location, ".") // query.limit, body.through
	code := fault.CodeParameterInvalid
	if property, missing := strings.CutPrefix(first.Message, "expected required property "); missing {
		// huma locates the object that lacks it
		property, _, _ = strings.Cut(property, " ")
		code, field = fault.CodeParameterMissing, strings.TrimPrefix(field+"."+property, ".")
	} else if strings.HasSuffix(first.Message, "parameter is missing") {
		code = fault.CodeParameterMissing
	}
	if field == "" && first.Location == "body" && first.Message == errJSON.Error() {
		code = fault.CodeBodyMalformed
	}
	return fault.New(code, "%s", first.Message).WithField(field)
}
