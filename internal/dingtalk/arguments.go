package dingtalk

import (
	"github.com/tidings-im/tidings/internal/fault"
)

// valueKind is what a value was where it stood.
type valueKind uint8

const (
	textValue valueKind = iota // a JSON string, or anything in a query or form
	number                     // as it was written
	boolean                    // "true" or "false"
	null
	structure // a JSON object or array, as it was written
)

// value is one parameter's value in whatever carrier.
type value struct {
	kind valueKind
	text string
}

func (v value) empty() bool { return v.text == "" && v.kind != structure }

// argument is one parameter of a request.
type argument struct {
	name  string
	value value
}

// arguments are all parameters of a request in the order of the carriers: the
// query first, then the body. The same name may stand there more than once.
type arguments []argument

// accessToken is the one parameter with rules of its own. The gateway calls it
// session.
const accessToken = "access_token"

// maxArguments is how many parameters a request may have; the largest send
// that makes sense has eight.
const maxArguments = 1000

func (a arguments) with(arg argument) (arguments, error) {
	if len(a) == maxArguments {
		return nil, malformed("there are more than %d parameters", maxArguments)
	}
	return append(a, arg), nil
}

// has reports whether a parameter is there with something in it.
func (a arguments) has(name string) bool {
	for i := range a {
		if a[i].name == name && !a[i].value.empty() {
			return true
		}
	}
	return false
}

// token returns the access token in the parameter of that name, "" if there is
// none. CodeTokenInvalid if there are two different ones.
func (a arguments) token(name string) (string, error) {
	token := ""
	for i := range a {
		v := a[i].value
		if a[i].name != name || v.empty() {
			continue
		}
		if v.kind != textValue || token != "" && token != v.text {
			return "", fault.New(fault.CodeTokenInvalid, "the request holds more than one %s, or one that is no text", name)
		}
		token = v.text
	}
	return token, nil
}

// invalid refuses a parameter's value.
func invalid(name, why string) error {
	name = shownName(name)
	return fault.New(fault.CodeParameterInvalid, "%s %s", name, why).WithField(name)
}

// missing refuses a request without a parameter.
func missing(name string) error {
	return fault.New(fault.CodeParameterMissing, "%s is required", name).WithField(name)
}

// shownName is a parameter's name as it may leave the server: the client may
// have sent anything.
func shownName(name string) string {
	if name == "" || len(name) > 64 {
		return "?"
	}
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '_' && c != '-' && c != '.' {
			return "?"
		}
	}
	return name
}

// read finds a parameter in all carriers. ok is false if it is nowhere or
// empty everywhere. The same value in two places is fine, two different ones
// are refused.
func read[T any](a arguments, name string, parse func(string, value) (T, error), same func(T, T) bool) (found T, ok bool, err error) {
	for i := range a {
		if a[i].name != name || a[i].value.empty() {
			continue
		}
		v, err := parse(name, a[i].value)
		if err != nil {
			return found, false, err
		}
		if !ok {
			found, ok = v, true
		} else if !same(found, v) {
			return found, false, invalid(name, "has two different values")
		}
	}
	return found, ok, nil
}

func equal[T comparable](a, b T) bool { return a == b }

// int64 returns a required whole number.
func (a arguments) int64(name string) (int64, error) {
	n, ok, err := read(a, name, parseInt64, equal)
	if err == nil && !ok {
		err = missing(name)
	}
	return n, err
}

// flag returns a boolean, false if it is missing.
func (a arguments) flag(name string) (bool, error) {
	b, _, err := read(a, name, parseFlag, equal)
	return b, err
}

// text returns a text, "" if it is missing.
func (a arguments) text(name string) (string, error) {
	s, _, err := read(a, name, parseText, equal)
	return s, err
}

// required returns a text that must be there.
func (a arguments) required(name string) (string, error) {
	s, err := a.text(name)
	if err == nil && s == "" {
		err = missing(name)
	}
	return s, err
}
