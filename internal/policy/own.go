package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/tidings-im/tidings/internal/fault"
)

// An organization keeps its preset and what it decided otherwise; everything else is
// what the preset says. What it decided to be as the preset has it is its own
// decision too: third-party apps then have no stricter limit.

// fields are the names of the limits, as JSON has them, and their places in Limits.
var fields = func() map[string]int {
	names := map[string]int{}
	t := reflect.TypeFor[Limits]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "preset" {
			names[name] = i
		}
	}
	return names
}()

// Own reports whether the organization decided on a limit itself, which is named as
// in JSON.
func (l Limits) Own(name string) bool { return l.decided()&(1<<fields[name]) != 0 }

// decided are the places of the fields that were decided, as bits: those marked,
// and those that are not as the preset has them.
func (l Limits) decided() uint64 {
	preset, err := ForPreset(l.Preset, false)
	if err != nil {
		return ^uint64(0)
	}
	own := l.own
	mine, theirs := reflect.ValueOf(l), reflect.ValueOf(preset)
	for _, i := range fields {
		if mine.Field(i).Interface() != theirs.Field(i).Interface() {
			own |= 1 << i
		}
	}
	return own
}

// storedLimits is how an organization's row holds them.
type storedLimits struct {
	Preset string                     `json:"preset"`
	Own    map[string]json.RawMessage `json:"own"`
}

// Stored returns the preset and what was decided otherwise, as JSON.
func (l Limits) Stored() ([]byte, error) {
	text, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	s := storedLimits{Preset: l.Preset}
	if err := json.Unmarshal(text, &s.Own); err != nil {
		return nil, err
	}
	own := l.decided()
	for name := range s.Own {
		if i, ok := fields[name]; !ok || own&(1<<i) == 0 {
			delete(s.Own, name)
		}
	}
	return json.Marshal(s)
}

// ReadLimits reads what Stored wrote, and what was stored before: all limits, of
// which those that differed from the preset were decided.
func ReadLimits(stored []byte) (Limits, error) {
	var s storedLimits
	if err := json.Unmarshal(stored, &s); err != nil {
		return Limits{}, fmt.Errorf("limits: %w", err)
	}
	l, err := ForPreset(s.Preset, false)
	if err != nil {
		return Limits{}, err
	}
	if s.Own == nil {
		err := json.Unmarshal(stored, &l)
		return l, err
	}
	text, err := json.Marshal(s.Own)
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	for name := range s.Own {
		l.own |= 1 << fields[name]
	}
	return l, err
}

// Changed returns the limits with those replaced that change names, a JSON object.
// null takes a decision back: the limit is the preset's again. Fails with
// CodeParameterInvalid, naming the field, also for what Check refuses.
func (l Limits) Changed(change []byte) (Limits, error) {
	var given map[string]json.RawMessage
	d := json.NewDecoder(bytes.NewReader(change))
	if err := d.Decode(&given); err != nil || given == nil {
		return l, fault.New(fault.CodeParameterInvalid, "limits are a JSON object").WithField("limits").Because(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return l, fault.New(fault.CodeParameterInvalid, "there is something behind the object").WithField("limits")
	}
	if preset, ok := given["preset"]; ok {
		var err error
		if l, err = l.under(preset); err != nil {
			return l, err
		}
		delete(given, "preset")
	}
	preset, err := ForPreset(l.Preset, false)
	if err != nil {
		return l, err
	}
	limits := reflect.ValueOf(&l).Elem()
	for name, value := range given {
		i, known := fields[name]
		if !known {
			return l, fault.New(fault.CodeParameterInvalid, "there is no limit %q", name).WithField(name)
		}
		if string(value) == "null" {
			limits.Field(i).Set(reflect.ValueOf(preset).Field(i))
			l.own &^= 1 << i
			continue
		}
		if err := json.Unmarshal(value, limits.Field(i).Addr().Interface()); err != nil {
			return l, fault.New(fault.CodeParameterInvalid, "%s cannot be %s", name, value).WithField(name).Because(err)
		}
		l.own |= 1 << i
	}
	return l, l.Check()
}

// under keeps what was decided and takes everything else from another preset.
func (l Limits) under(preset json.RawMessage) (Limits, error) {
	var name string
	if err := json.Unmarshal(preset, &name); err != nil {
		return l, fault.New(fault.CodeParameterInvalid, "preset is a text").WithField("preset").Because(err)
	}
	next, err := ForPreset(name, false)
	if err != nil {
		l.Preset = name
		return l, l.Check()
	}
	own := l.decided()
	mine, theirs := reflect.ValueOf(l), reflect.ValueOf(&next).Elem()
	for _, i := range fields {
		if own&(1<<i) != 0 {
			theirs.Field(i).Set(mine.Field(i))
		}
	}
	next.own = own
	return next, nil
}
