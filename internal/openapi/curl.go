package openapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// curl returns a shell command that calls the operation. Tokens are shell variables, so that users do not copy an example token.
func curl(publicURL string, s shown) string {
	target := cmp.Or(strings.TrimSuffix(publicURL, "/"), "https://postern.example.com") + s.Path
	query := url.Values{}
	for _, p := range s.Own {
		switch {
		case p.In == "path":
			target = strings.ReplaceAll(target, "{"+p.Name+"}", url.PathEscape(p.Example))
		case p.In == "query" && p.Required:
			query.Set(p.Name, p.Example)
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	method := "" // curl sends GET by default, and POST with --json
	if body := s.RequestBody != nil; body && s.Method != "POST" || !body && s.Method != "GET" {
		method = "-X " + s.Method + " "
	}
	parts := []string{"curl " + method + quoted(target)}
	if len(s.Callers) > 0 {
		token := "$SESSION_TOKEN"
		if s.Callers[0].Name == "oat" {
			token = "$POLAR_ACCESS_TOKEN"
		}
		parts = append(parts, `-H "Authorization: Bearer `+token+`"`)
	}
	if s.RequestBody != nil {
		parts = append(parts, bodyOptions(s.RequestBody.sent()))
	}
	return strings.Join(parts, " \\\n  ")
}

// bodyOptions returns the options of curl that send the example of a body.
func bodyOptions(body entry[media]) string {
	if body.Name != formType {
		return "--json " + quoted(oneLine(body.Value.Example))
	}
	var fields map[string]string
	json.Unmarshal(body.Value.Example, &fields) // TestCurl checks it
	var options []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		options = append(options, "-d "+quoted(name+"="+url.QueryEscape(fields[name])))
	}
	return strings.Join(options, " ")
}

// quoted quotes a word for a POSIX shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

func oneLine(example json.RawMessage) string {
	var b bytes.Buffer
	json.Compact(&b, example) // the example is valid JSON
	return b.String()
}

// indented returns an example with indentation, or "" if there is none.
func indented(example json.RawMessage) string {
	var b bytes.Buffer
	if len(example) > 0 {
		json.Indent(&b, example, "", "  ")
	}
	return b.String()
}
