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

// curl is a call of the operation, for a shell. Tokens are variables: one that stood there would be copied.
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
	method := "" // curl sends a GET, or with --json a POST, without being told
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
		parts = append(parts, sending(s.RequestBody.sent()))
	}
	return strings.Join(parts, " \\\n  ")
}

// sending are the options of curl that send a body.
func sending(body entry[media]) string {
	if body.Name != formType {
		return "--json " + quoted(oneLine(body.Value.Example))
	}
	var fields map[string]string
	json.Unmarshal(body.Value.Example, &fields) // a test reads it
	var options []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		options = append(options, "-d "+quoted(name+"="+url.QueryEscape(fields[name])))
	}
	return strings.Join(options, " ")
}

// quoted is a word of a POSIX shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

func oneLine(example json.RawMessage) string {
	var b bytes.Buffer
	json.Compact(&b, example) // what was read as JSON is JSON
	return b.String()
}

// indented is an example for people; "" without one.
func indented(example json.RawMessage) string {
	var b bytes.Buffer
	if len(example) > 0 {
		json.Indent(&b, example, "", "  ")
	}
	return b.String()
}
