package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/tidings-im/tidings/internal/account"
)

// Every number that a command takes has a range, and one just outside of it is
// refused in the same words everywhere, before anything is opened.
func TestNumbersHaveRanges(t *testing.T) {
	t.Parallel()
	numbers := 0
	for _, leaf := range mustModel(t, &cli{}).Leaves(false) {
		for _, v := range numbersOf(leaf) {
			numbers++
			checkRange(t, leaf, v)
		}
	}
	if numbers < 15 {
		t.Errorf("only %d numbers were found", numbers)
	}
}

// Durations have a range of their own form.
func TestDurationsHaveRanges(t *testing.T) {
	t.Parallel()
	durations := 0
	for _, leaf := range mustModel(t, &cli{}).Leaves(false) {
		for _, f := range leaf.Flags {
			if f.Target.Type() != reflect.TypeFor[lifetime]() {
				continue
			}
			durations++
			for _, value := range []string{"0d", "0s", "-1h", "-1d", "36501d", "900000h", "200000000000d", "99999999999999999999d"} {
				code, problems := mustRefuse(t, append(strings.Fields(pathOf(leaf)), "--"+f.Name+"="+value))
				if code != exitUsage || !strings.Contains(problems, "the limit is 36500") && !strings.Contains(problems, "is no duration") {
					t.Errorf("%s --%s=%s: exit code %d, %s", pathOf(leaf), f.Name, value, code, problems)
				}
			}
		}
	}
	if durations == 0 {
		t.Error("no duration was found")
	}
}

func TestDaysOfTokensAreTheirLimit(t *testing.T) {
	t.Parallel()
	for _, leaf := range mustModel(t, &cli{}).Leaves(false) {
		if pathOf(leaf) != "admin token create" {
			continue
		}
		i := slices.IndexFunc(leaf.Flags, func(f *kong.Flag) bool { return f.Name == "days" })
		r, ok, err := rangeOf(leaf.Flags[i].Value)
		if err != nil || !ok || time.Duration(r.most)*oneDay != account.MaxTokenLife {
			t.Errorf("--days takes %v, %v", r, err)
		}
		return
	}
	t.Error("there is no such command")
}

// numbersOf are the flags and arguments of a command that are integers.
func numbersOf(leaf *kong.Node) []*kong.Value {
	values := slices.Clone(leaf.Positional)
	for n := leaf; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			values = append(values, f.Value)
		}
	}
	return slices.DeleteFunc(values, func(v *kong.Value) bool {
		kind := v.Target.Type()
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		return kind.Kind() < reflect.Int || kind.Kind() > reflect.Float64 || kind == reflect.TypeFor[lifetime]()
	})
}

func checkRange(t *testing.T, leaf *kong.Node, v *kong.Value) {
	t.Helper()
	r, ok, err := rangeOf(v)
	if err != nil || !ok {
		t.Errorf("%s: %s has no range (%v)", pathOf(leaf), v.Name, err)
		return
	}
	taken := map[int64]bool{r.least: true, r.least - 1: false}
	if !r.open {
		taken[r.most], taken[r.most+1] = true, false
	}
	for n, want := range taken {
		name, args := v.Name, strings.Fields(pathOf(leaf))
		if v.Flag != nil {
			name = "--" + v.Name
			args = append(args, fmt.Sprintf("%s=%d", name, n))
		}
		for _, p := range leaf.Positional {
			switch {
			case p == v:
				args = append(args, fmt.Sprint(n))
			case p.Required:
				args = append(args, sample(p, p.Name, t.TempDir()))
			}
		}
		for _, f := range leaf.Flags {
			if f.Required && f.Value != v {
				args = append(args, "--"+f.Name+"="+sample(f.Value, f.PlaceHolder, t.TempDir()))
			}
		}
		code, problems := mustRefuse(t, args)
		refused := code == exitUsage && strings.Contains(problems, fmt.Sprintf("%s is %d; it takes %s\n", name, n, r))
		if refused == want || strings.Contains(problems, "; it takes") == want {
			t.Errorf("%s: exit code %d, %s", args, code, problems)
		}
	}
}

// mustRefuse runs a command where there is no installation, and where none must
// be afterwards.
func mustRefuse(t *testing.T, args []string) (code int, problems string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	code, _, problems = run(args, map[string]string{"TIDINGS_DATA": dir})
	if _, err := os.Lstat(dir); !os.IsNotExist(err) || code == exitDone {
		t.Errorf("%s: exit code %d, and %s is there (%v)", args, code, dir, err)
	}
	return code, problems
}
