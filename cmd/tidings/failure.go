package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/tidings-im/tidings/internal/fault"
)

// usageError is a command line or configuration that cannot be used.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// heldError is a step that a person has to allow first.
type heldError struct{ error }

func (e heldError) Unwrap() error { return e.error }

// exitCode ends a command that has said all there is to say.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// failureView is a failure as --json tells it, on standard error.
type failureView struct {
	Error    failureText `json:"error"`
	ExitCode int         `json:"exit_code"`
}

// failureText has the code, field, limit and actual value that the APIs answer for
// the same refusal. The code is usage, held or failed where the failure is the
// command's own.
type failureText struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Field   string `json:"field,omitempty"`
	Limit   int64  `json:"limit,omitempty"`
	Actual  int64  `json:"actual,omitempty"`
}

// fail says what went wrong. A Fault's own text is enough for people; its code
// lets scripts tell failures apart.
func (e *environment) fail(err error) int {
	var silent exitCode
	if errors.As(err, &silent) {
		return int(silent)
	}
	code, told := exitFailed, failureText{Code: "failed"}
	var usage usageError
	if errors.As(err, &usage) {
		code, told.Code = exitUsage, "usage"
	}
	var held heldError
	if errors.As(err, &held) {
		code, told.Code = exitHeld, "held"
	}
	text := err.Error()
	told.Message = text
	var f *fault.Fault
	if errors.As(err, &f) && f.Kind != fault.Internal {
		text = fmt.Sprintf("%s (%s)", f.Text, f.Code)
		told = failureText{string(f.Code), f.Text, f.Field, f.Limit, f.Actual}
		if f.Err != nil {
			text += ": " + f.Err.Error()
			told.Message += ": " + f.Err.Error()
		}
	}
	switch {
	case e.log != nil:
		e.log.Error("the server ends", "error", text, "exit_code", code)
	case e.json:
		out := json.NewEncoder(e.err)
		out.SetEscapeHTML(false)
		_ = out.Encode(failureView{told, code}) // a terminal that is gone hears nothing
	default:
		fmt.Fprintln(e.err, "tidings: "+text)
	}
	return code
}

// asksForJSON reports whether a command line has --json. One that cannot be parsed
// is taken at its words, so that a script reads that too.
func asksForJSON(command *kong.Context, args []string) bool {
	if command == nil || command.Error != nil {
		return slices.Contains(args, "--json")
	}
	for _, f := range command.Flags() {
		if f.Name == "json" {
			asked, ok := command.FlagValue(f).(bool)
			return ok && asked
		}
	}
	return false
}
