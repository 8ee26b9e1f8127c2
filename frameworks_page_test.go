package postern_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shownFile finds the code blocks of a page that follow a link to their file.
var shownFile = regexp.MustCompile("(?s)\\]\\(\\.\\./(e2e/frameworks/[^)]*\\.m?[jt]s)\\)[^\n]*\n\n```[jt]s\n(.*?)```\n")

// docs/frameworks.md shows the files that the tests of e2e run: every code block is a file, and every route of a framework is shown.
func TestFrameworksPageShowsTestedFiles(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("docs", "frameworks.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, m := range shownFile.FindAllSubmatch(page, -1) {
		path := string(m[1])
		shown[path] = true
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(m[2], text) {
			t.Errorf("docs/frameworks.md shows other code than %s; copy the file into the page", path)
		}
	}
	if blocks := strings.Count(string(page), "```js\n") + strings.Count(string(page), "```ts\n"); blocks != len(shown) {
		t.Errorf("docs/frameworks.md has %d code blocks, and %d of them follow a link to their file", blocks, len(shown))
	}
	for path := range trackedFiles(t) {
		name := filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path)
		route := strings.Contains(name, "portal") || strings.Contains(name, "webhooks") || strings.HasSuffix(name, "/server.ts")
		if strings.HasPrefix(path, "e2e/frameworks/") && route && !shown[path] {
			t.Errorf("docs/frameworks.md does not show %s", path)
		}
	}
}
