package dingtalk_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tidings-im/tidings/internal/policy"
)

// limitValue is what a limit is: as DingTalk documents it, and in Tidings.
type limitValue struct{ what, documented, ours string }

// checkLimits holds the lines of limits against those of the code, and returns what each is.
func checkLimits(t *testing.T, sections []compatSection) map[*compatLine]limitValue {
	t.Helper()
	code, ofOrganization := mustSource(t, "."), organizationLimits(t)
	written, values := map[string]bool{}, map[*compatLine]limitValue{}
	for _, s := range sections {
		for _, l := range s.lines {
			written[l.name] = true
			v, ok := ofOrganization[l.name]
			if !ok {
				v, ok = constantLimit(code, l)
			}
			values[l] = v
			switch {
			case !ok && l.offered():
				t.Errorf(compatDir+"limits.txt names %s, which the code does not have, or does not say (what; documented) of it", l.name)
			case l.verdict == isSame && v.documented != v.ours:
				t.Errorf(compatDir+"limits.txt says that %s is the same; documented is %q, and ours is %q", l.name, v.documented, v.ours)
			case l.verdict == differs && v.documented == v.ours:
				t.Errorf(compatDir+"limits.txt says that %s differs, and both are %q", l.name, v.ours)
			}
		}
	}
	for name := range ofOrganization {
		if !written[name] {
			t.Errorf("%slimits.txt has no line for %s. Add below \"## Limits of an organization\":\n%s: same\n(or: differs because …, or: added because …)", compatDir, name, name)
		}
	}
	for name := range code.room("message").constants {
		if strings.HasPrefix(name, "Max") && !written["message."+name] && name != "MaxDepth" && name != "MaxValues" {
			t.Errorf("%slimits.txt has no line for message.%s. Add below \"## Fields of a message\":\nmessage.%s (what it limits; what is documented): same\n(or: differs because …, or: added because …)", compatDir, name, name)
		}
	}
	return values
}

// organizationLimits are the limits of the presets, which an organization or an app may
// change. The preset dingtalk is what is documented.
func organizationLimits(t *testing.T) map[string]limitValue {
	t.Helper()
	at := func(preset string, thirdParty bool) reflect.Value {
		l, err := policy.ForPreset(preset, thirdParty)
		if err != nil {
			t.Fatal(err)
		}
		return reflect.ValueOf(l)
	}
	all, fields := map[string]limitValue{}, reflect.TypeFor[policy.Limits]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		name := f.Tag.Get("json")
		if name == "" || name == "preset" {
			continue
		}
		of := func(preset string) string {
			internal, third := shownLimit(name, at(preset, false).Field(i)), shownLimit(name, at(preset, true).Field(i))
			if internal != third {
				return internal + ", of third-party apps " + third
			}
			return internal
		}
		what := strings.TrimSuffix(f.Tag.Get("doc"), ".")
		all[name] = limitValue{what: strings.ToLower(what[:1]) + what[1:], documented: of(policy.DingTalk), ours: of(policy.Standard)}
	}
	return all
}

func shownLimit(name string, v reflect.Value) string {
	switch v := v.Interface().(type) {
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case policy.Dur:
		if v == 0 {
			return "while it is kept"
		}
		return shownTime(time.Duration(v))
	case int:
		if v == 0 {
			return "none"
		}
		return shownNumber(int64(v), strings.Contains(name, "bytes"))
	}
	return "?"
}

// constantLimit is a limit that is a constant of the code, or words alone.
func constantLimit(code *source, l *compatLine) (v limitValue, ok bool) {
	said := l.words
	if strings.HasPrefix(l.name, "(") {
		said = strings.Trim(l.name, "()")
	}
	v.what, v.documented, ok = strings.Cut(said, "; ")
	if !ok || strings.HasPrefix(l.name, "(") {
		return v, ok
	}
	n, ok := code.number(l.name)
	if _, isTime := isDuration(v.documented); isTime {
		v.ours = shownTime(time.Duration(n))
	} else {
		v.ours = shownNumber(n, strings.HasPrefix(v.what, "bytes"))
	}
	return v, ok
}

// isDuration reports whether what is documented is a time: 2 hours.
func isDuration(text string) (unit string, ok bool) {
	_, unit, _ = strings.Cut(text, " ")
	unit = strings.TrimSuffix(unit, "s")
	return unit, unit == "second" || unit == "minute" || unit == "hour" || unit == "day"
}

func shownTime(d time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"day", day}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := d / unit.is; n > 0 && d%unit.is == 0 && (unit.is != day || n > 1) {
			return plural(int64(n), unit.name)
		}
	}
	return d.String()
}

func plural(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

func shownNumber(n int64, bytes bool) string {
	for _, unit := range []struct {
		name string
		is   int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes && n%unit.is == 0 && n > 2<<10 {
			return fmt.Sprintf("%d %s", n/unit.is, unit.name)
		}
	}
	return fmt.Sprint(n)
}
