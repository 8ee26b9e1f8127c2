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
	one  = "{\n  \"hello\": \"{{.Name}}!\",\n  \"days\": {\"other\": \"{{.Count}} d\"}\n}"
)

// scene is a room whose catalog is good but for what is said of its files; "" leaves one out.
func scene(t *testing.T, spoilt map[string]string) (folder string, sources []string) {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"locale/en.json": good, "locale/de.json": good, "locale/fr.json": many, "locale/es.json": many, "locale/ja.json": one,
		"page.go": "m.Say(\"hello\", \"Name\", name)\n\t// m.Say(\"never\")", "page.html": `{{n "days" 3}}`, "page_test.go": `m.Say("never")`, "story.go": `m.Say("nor this")`,
	}
	for name, text := range spoilt {
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

func TestFlaws(t *testing.T) {
	for name, c := range map[string]struct {
		spoilt map[string]string
		want   []string
	}{
		"good": {},
		"a key is missing": {map[string]string{"locale/fr.json": "{\n  \"hello\": \"{{.Name}}!\"\n}"},
			[]string{`fr.json lacks "days"`}},
		"a key too many": {map[string]string{"locale/de.json": strings.Replace(good, "{\n", "{\n  \"more\": \"?\",\n", 1)},
			[]string{`de.json has "more", and English has not`}},
		"a key twice": {map[string]string{"locale/es.json": strings.Replace(many, "{\n", "{\n  \"hello\": \"{{.Name}}?\",\n", 1)},
			[]string{`es.json has "hello" twice`}},
		"another placeholder": {map[string]string{"locale/ja.json": strings.Replace(one, "Name", "Who", 1)},
			[]string{`ja.json: "hello" names [{{.Who}}], and in English [{{.Name}}]`}},
		"a placeholder less in one form": {map[string]string{"locale/de.json": strings.Replace(good, `"one": "{{.Count}} d"`, `"one": "a day"`, 1)},
			[]string{`de.json: "days" names [], and in English [{{.Count}}]`}},
		"a form is missing":              {map[string]string{"locale/de.json": one}, []string{`de.json: "days" has no form for 1`}},
		"a form for millions is missing": {map[string]string{"locale/fr.json": good}, []string{`fr.json: "days" has no form for 1000000`}},
		"a broken placeholder": {map[string]string{"locale/de.json": strings.Replace(good, "{{.Name}}", "{{.Name}} {.Name}}", 1)},
			[]string{`de.json: "hello" has a placeholder that is none`}},
		"says nothing":     {map[string]string{"locale/ja.json": strings.Replace(one, "{{.Count}} d", "", 1)}, []string{`ja.json: "days" says nothing`}},
		"unused":           {map[string]string{"page.html": "nothing"}, []string{`en.json: nothing uses "days"`}},
		"said by a page":   {map[string]string{"page.html": `{{n "days" 3}}{{t "bye"}}`}, []string{`en.json lacks "bye", which is said`}},
		"said by a method": {map[string]string{"page.html": `{{n "days" 3}}{{.Say "bye" "Name" .Name}}`}, []string{`en.json lacks "bye", which is said`}},
		"said by Go":       {map[string]string{"page.go": `l.say("hello"); l.count("weeks", 2)`}, []string{`en.json lacks "weeks", which is said`}},
		"a file too many":  {map[string]string{"locale/it.json": good}, []string{"locale has 6 files for 5 languages"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder, sources := scene(t, c.spoilt)
			got, err := localetest.Flaws(folder, sources...)
			for i := range got {
				got[i] = strings.TrimPrefix(strings.TrimPrefix(got[i], folder+string(filepath.Separator)), filepath.Dir(folder)+string(filepath.Separator))
			}
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%q, %v, wanted %q", got, err, c.want)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	for name, spoilt := range map[string]map[string]string{
		"a language is missing": {"locale/ja.json": ""},
		"no JSON":               {"locale/ja.json": "{"},
		"no sources":            {"page.html": ""},
	} {
		folder, sources := scene(t, spoilt)
		if got, err := localetest.Flaws(folder, sources...); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}
