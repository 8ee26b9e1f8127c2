package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/web"
)

// versionParameter returns the parameter for the header Polar-Version. Its description has a table of the versions.
func versionParameter() *object {
	var text strings.Builder
	fmt.Fprintf(&text, "The version of the API. Default: `%s`, unless the operator has selected another one. The answers of a deprecated version have the headers "+
		"`Deprecation` (RFC 9745) and, if its end is known, `Sunset` (RFC 8594). From its end on, a version is answered with 404.\n\n"+
		"| version | deprecated since | end |\n|---|---|---|\n", web.DefaultVersion)
	var names []any
	for _, v := range web.Versions() {
		names = append(names, v.Name)
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", v.Name, date(v.Deprecated), date(v.End))
	}
	return obj("name", "Polar-Version", "in", "header", "description", strings.TrimSpace(text.String()),
		"schema", obj("type", "string", "enum", names))
}

// date returns the day, or "not announced" for the zero time.
func date(t time.Time) string {
	if t.IsZero() {
		return "not announced"
	}
	return t.Format(time.DateOnly)
}
