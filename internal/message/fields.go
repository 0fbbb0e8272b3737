package message

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidings-im/tidings/internal/fault"
)

// decoder collects the first fault of a message. When it is not strict it
// reads what is stored: nothing is required and nothing too long.
type decoder struct {
	strict   bool
	strictOA bool // see Limits
	fault    *fault.Fault
}

func (d *decoder) fail(f *fault.Fault) {
	if d.fault == nil {
		d.fault = f
	}
}

// object is a JSON object being read, and the path to it.
type object struct {
	d     *decoder
	path  string
	items []member
}

// find returns a field; null counts as missing.
func (o object) find(key string) (value, bool) {
	for i := range o.items {
		if o.items[i].key == key {
			return o.items[i].value, o.items[i].value.kind != kindNull
		}
	}
	return value{}, false
}

// optional returns a field's text, "" if it is missing. max is in characters,
// 0 = none.
func (o object) optional(key string, max int) string {
	v, ok := o.find(key)
	if !ok {
		return ""
	}
	if v.kind == kindObject || v.kind == kindArray {
		o.bad(key, "must be a string")
		return ""
	}
	if !o.d.strict || max == 0 || len(v.text) <= max {
		return v.text
	}
	if n := utf8.RuneCountInString(v.text); n > max {
		o.long(key, max, n)
	}
	return v.text
}

// required is optional for a field that must be there and not empty.
func (o object) required(key string, max int) string {
	s := o.optional(key, max)
	if s == "" {
		o.missing(key)
	}
	return s
}

// requiredIf is required, or optional where it is not wanted.
func (o object) requiredIf(wanted bool, key string, max int) string {
	if wanted {
		return o.required(key, max)
	}
	return o.optional(key, max)
}

// object returns a field that is an object, or JSON text holding one.
func (o object) object(key string) (object, bool) {
	v, ok := o.structure(key, kindObject)
	return object{d: o.d, path: o.path + "." + key, items: v.items}, ok
}

// objects returns a field that is a list of objects, or JSON text holding one.
// max is how many there may be, 0 = no limit.
func (o object) objects(key string, max int) []object {
	v, ok := o.structure(key, kindArray)
	if !ok {
		return nil
	}
	if n := len(v.items); o.d.strict && max > 0 && n > max {
		at := o.path + "." + key
		o.d.fail(fault.New(fault.CodeMessageFieldLong, "%s has %d entries, the limit is %d", at, n, max).
			WithField(at).WithLimit(int64(max), int64(n)))
		return nil
	}
	list := make([]object, 0, len(v.items))
	for i := range v.items {
		item := v.items[i].value
		at := o.path + "." + key + "[" + strconv.Itoa(i) + "]"
		if item.kind != kindObject {
			o.d.fail(fault.New(fault.CodeMessageFieldBad, "%s must be an object", at).WithField(at))
			return nil
		}
		list = append(list, object{d: o.d, path: at, items: item.items})
	}
	return list
}

func (o object) structure(key string, want kind) (value, bool) {
	v, ok := o.find(key)
	if !ok || v.kind == kindString && v.text == "" {
		return value{}, false
	}
	open, name := "{", "an object"
	if want == kindArray {
		open, name = "[", "a list"
	}
	if v.kind == kindString && strings.HasPrefix(strings.TrimLeft(v.text, " \t\r\n"), open) {
		inner, f := parseJSON(v.text, o.path+"."+key, MaxValues)
		if f != nil {
			o.d.fail(f)
			return value{}, false
		}
		v = inner
	}
	if v.kind != want {
		o.bad(key, "must be "+name)
		return value{}, false
	}
	return v, true
}

func (o object) missing(key string) {
	if o.d.strict {
		at := o.path + "." + key
		o.d.fail(fault.New(fault.CodeMessageIncomplete, "%s is required", at).WithField(at))
	}
}

func (o object) bad(key, why string) {
	at := o.path + "." + key
	o.d.fail(fault.New(fault.CodeMessageFieldBad, "%s %s", at, why).WithField(at))
}

func (o object) long(key string, limit, actual int) {
	o.d.fail(tooLong(o.path+"."+key, limit, actual))
}

func tooLong(at string, limit, actual int) *fault.Fault {
	return fault.New(fault.CodeMessageFieldLong, "%s has %d characters, the limit is %d", at, actual, limit).
		WithField(at).WithLimit(int64(limit), int64(actual))
}
