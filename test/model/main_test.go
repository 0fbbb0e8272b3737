package model_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// checks is how many histories each engine gets by default, and steps how long
// they are on average. With -short rapid takes a fifth of the histories, and half
// of the steps.
const checks, steps = "10", "240"

func TestMain(m *testing.M) {
	n := os.Getenv("TIDINGS_MODEL_CHECKS")
	if n == "" {
		n = checks
	}
	// The command line, which is read later, wins. What fails depends on
	// timing too, so a file to fail again from promises too much.
	for name, value := range map[string]string{"rapid.checks": n, "rapid.steps": steps, "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
