package directory_test

import (
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

func TestReservedSlugsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	var row string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| Organization slugs |") {
			row = line
		}
	}
	for _, slug := range directory.ReservedSlugs {
		if !strings.Contains(row, "`"+slug+"`") {
			t.Errorf("docs/compatibility.md: add %s to the reserved slugs", slug)
		}
	}
}
