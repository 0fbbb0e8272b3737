package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// numberRange is what a number on the command line may be, as the field's tag
// range says it: "1..366", or "1.." where only the type limits it.
type numberRange struct {
	least, most int64
	open        bool // upwards
}

// rangeOf returns the range of a value, and false if it has none.
func rangeOf(v *kong.Value) (numberRange, bool, error) {
	text := v.Tag.Get("range")
	if text == "" {
		return numberRange{}, false, nil
	}
	from, to, dots := strings.Cut(text, "..")
	r := numberRange{open: to == ""}
	var err error
	if r.least, err = strconv.ParseInt(from, 10, 64); err == nil && !r.open {
		r.most, err = strconv.ParseInt(to, 10, 64)
	}
	if err != nil || !dots {
		return r, false, fmt.Errorf("%s: the tag range:%q is no range", v.Name, text)
	}
	return r, true, nil
}

func (r numberRange) holds(n int64) bool { return n >= r.least && (r.open || n <= r.most) }

func (r numberRange) String() string {
	if r.open {
		return fmt.Sprintf("numbers from %d on", r.least)
	}
	return fmt.Sprintf("%d to %d", r.least, r.most)
}

// checkRanges refuses a command line with a number outside of its range, before
// anything is opened. What was not said is what the command makes of it.
func checkRanges(said *kong.Context) error {
	for _, p := range said.Path {
		v, name := p.Positional, ""
		switch {
		case p.Flag != nil:
			v, name = p.Flag.Value, "--"+p.Flag.Name
		case v != nil:
			name = v.Name
		default:
			continue
		}
		r, ok, err := rangeOf(v)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if n := reflect.Indirect(v.Target).Int(); !r.holds(n) {
			return fmt.Errorf("%s is %d; it takes %s", name, n, r)
		}
	}
	return nil
}
