package main

import (
	"encoding/json"
	"io"
)

// printing is the flag of every command that prints data.
type printing struct {
	JSON bool `name:"json" help:"Print one JSON object in one line. The page command-line.md lists its fields."`
}

// result is what a command prints. Its JSON fields are part of the command line: docs/command-line.md lists them.
type result interface {
	// text writes the result for people.
	text(out io.Writer) error
}

// print prints a result as text, or as JSON with --json. Errors are printed as text on standard error in both cases.
func (p printing) print(s streams, r result) error {
	if !p.JSON {
		return r.text(s.out)
	}
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	return out.Encode(r)
}

// orNull returns nil for an empty text, which JSON shows as null.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// orDash returns a dash for a text that is nil or empty.
func orDash(text *string) string {
	if text == nil || *text == "" {
		return "-"
	}
	return *text
}
