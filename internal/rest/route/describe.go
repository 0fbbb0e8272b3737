package route

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// describe completes what huma derives from the types. The texts are the doc tags
// of their fields; a test finds a field without one.
func describe(doc *huma.OpenAPI) {
	registry := doc.Components.Schemas
	schemas := registry.Map()
	// Huma enters its own form of error, which nobody gets.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	for name, schema := range schemas {
		request := strings.HasSuffix(name, "Request")
		if !request {
			schema.AdditionalProperties = nil // answers may grow
		}
		of := registry.TypeFromRef("#/components/schemas/" + name)
		for field, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false // an empty list is one
			}
			if !request && property.Ref != "" && nullable(of, field) {
				text := property.Description
				property.Description = ""
				schema.Properties[field] = &huma.Schema{OneOf: []*huma.Schema{property, {Type: "null"}}, Description: text}
			}
		}
	}
}

// nullable reports whether a field is null instead of an object. Huma knows that of
// values only.
func nullable(of reflect.Type, field string) bool {
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Tag.Get("json") == field { // with omitempty it is left out instead
			return f.Type.Kind() == reflect.Pointer
		}
	}
	return false
}
