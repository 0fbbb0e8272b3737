package dingtalk

import (
	"strconv"

	"github.com/tidings-im/tidings/internal/directory"
)

// bool writes true or false.
func (o *object) bool(name string, b bool) {
	o.name(name)
	o.b = strconv.AppendBool(o.b, b)
}

// some writes a text that there is.
func (o *object) some(name, text string) {
	if text != "" {
		o.text(name, text)
	}
}

// list writes an array of n elements, each of which one call of element writes.
func (o *object) list(name string, n int, element func(i int)) {
	o.name(name)
	o.b = append(o.b, '[')
	for i := range n {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		element(i)
	}
	o.b = append(o.b, ']')
}

// element writes an object into a list.
func (o *object) element(fill func(*object)) {
	o.b = append(o.b, '{')
	fill(o)
	o.b = append(o.b, '}')
}

func (o *object) texts(name string, list []string) {
	o.list(name, len(list), func(i int) { o.b = appendString(o.b, list[i]) })
}

func (o *object) ints(name string, list []int64) {
	o.name(name)
	o.numbers(list)
}

// numbers writes an array of numbers, which may itself be an element of a list.
func (o *object) numbers(list []int64) {
	o.b = append(o.b, '[')
	for i, n := range list {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = strconv.AppendInt(o.b, n, 10)
	}
	o.b = append(o.b, ']')
}

func (o *object) contacts(name string, list []directory.Contact, fill func(*object, directory.Contact)) {
	o.list(name, len(list), func(i int) { o.element(func(o *object) { fill(o, list[i]) }) })
}

func (o *object) departments(name string, list []directory.Department, fill func(*object, directory.Department)) {
	o.list(name, len(list), func(i int) { o.element(func(o *object) { fill(o, list[i]) }) })
}
