package localetest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/locale/localetest"
)

const (
	many = "{\n  \"hello\": \"{{.Name}}!\",\n  \"days\": {\"one\": \"{{.Count}} d\", \"many\": \"{{.Count}} d\", \"other\": \"{{.Count}} d\"}\n}"
	good = "{\n  \"hello\": \"{{.Name}}!\",\n  \"days\": {\"one\": \"{{.Count}} d\", \"other\": \"{{.Count}} d\"}\n}"
	all  = "{\n  \"hello\": \"{{.Name}}!\",\n  \"days\": {\"zero\": \"{{.Count}} d\", \"one\": \"{{.Count}} d\", \"two\": \"{{.Count}} d\", \"few\": \"{{.Count}} d\", \"many\": \"{{.Count}} d\", \"other\": \"{{.Count}} d\"}\n}"
	one  = "{\n  \"hello\": \"{{.Name}}!\",\n  \"days\": {\"other\": \"{{.Count}} d\"}\n}"
)

// writePackage writes a package whose catalog has no problems, with the given files replaced. The text "" leaves a file out.
func writePackage(t *testing.T, changed map[string]string) (folder string, sources []string) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"locale/en.json": good, "locale/de.json": good, "locale/fr.json": many, "locale/es.json": many, "locale/ja.json": one, "locale/ar.json": all,
		"page.go": "m.Text(\"hello\", \"Name\", name)\n\t// m.Text(\"never\")", "page.html": `{{n "days" 3}}`, "page_test.go": `m.Text("never")`, "story.go": `m.Text("nor this")`,
	}
	for name, text := range changed {
		files[name] = text
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if text == "" {
			continue
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "locale"), []string{filepath.Join(dir, "*.go"), "!" + filepath.Join(dir, "story*.go"), filepath.Join(dir, "*.html")}
}

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct {
		changed map[string]string
		want    []string
	}{
		"good": {},
		"missing key": {map[string]string{"locale/fr.json": "{\n  \"hello\": \"{{.Name}}!\"\n}"},
			[]string{`fr.json lacks "days"`}},
		"unknown key": {map[string]string{"locale/de.json": strings.Replace(good, "{\n", "{\n  \"more\": \"?\",\n", 1)},
			[]string{`de.json has "more", which English lacks`}},
		"duplicate key": {map[string]string{"locale/es.json": strings.Replace(many, "{\n", "{\n  \"hello\": \"{{.Name}}?\",\n", 1)},
			[]string{`es.json has "hello" twice`}},
		"different placeholder": {map[string]string{"locale/ja.json": strings.Replace(one, "Name", "Who", 1)},
			[]string{`ja.json: "hello" has placeholders [{{.Who}}], want [{{.Name}}] as in English`}},
		"placeholder missing in one form": {map[string]string{"locale/de.json": strings.Replace(good, `"one": "{{.Count}} d"`, `"one": "a day"`, 1)},
			[]string{`de.json: "days" has placeholders [], want [{{.Count}}] as in English`}},
		"missing plural form":              {map[string]string{"locale/de.json": one}, []string{`de.json: "days" has no plural form for 1`}},
		"missing one of six plural forms":  {map[string]string{"locale/ar.json": many}, []string{`ar.json: "days" has no plural form for 0`}},
		"missing plural form for millions": {map[string]string{"locale/fr.json": good}, []string{`fr.json: "days" has no plural form for 1000000`}},
		"malformed placeholder": {map[string]string{"locale/de.json": strings.Replace(good, "{{.Name}}", "{{.Name}} {.Name}}", 1)},
			[]string{`de.json: "hello" has a malformed placeholder`}},
		"empty":            {map[string]string{"locale/ja.json": strings.Replace(one, "{{.Count}} d", "", 1)}, []string{`ja.json: "days" is empty`}},
		"unused":           {map[string]string{"page.html": "nothing"}, []string{`en.json: "days" is unused`}},
		"used by a page":   {map[string]string{"page.html": `{{n "days" 3}}{{t "bye"}}`}, []string{`en.json lacks "bye", which a source uses`}},
		"used by a method": {map[string]string{"page.html": `{{n "days" 3}}{{.Text "bye" "Name" .Name}}`}, []string{`en.json lacks "bye", which a source uses`}},
		"used by Go":       {map[string]string{"page.go": `l.text("hello"); l.count("weeks", 2)`}, []string{`en.json lacks "weeks", which a source uses`}},
		"extra file":       {map[string]string{"locale/it.json": good}, []string{"locale has 7 files, want one for each of 6 languages"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder, sources := writePackage(t, c.changed)
			got, err := localetest.Problems(folder, sources...)
			for i := range got {
				got[i] = strings.TrimPrefix(strings.TrimPrefix(got[i], folder+string(filepath.Separator)), filepath.Dir(folder)+string(filepath.Separator))
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestProblemsReportsUnreadableFiles(t *testing.T) {
	for name, changed := range map[string]map[string]string{
		"missing language": {"locale/ja.json": ""},
		"invalid JSON":     {"locale/ja.json": "{"},
		"no sources":       {"page.html": ""},
	} {
		folder, sources := writePackage(t, changed)
		if got, err := localetest.Problems(folder, sources...); err == nil {
			t.Errorf("%s: no error, problems %q", name, got)
		}
	}
}
