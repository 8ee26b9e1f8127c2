package portal

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// catalogue reads a language's file: the forms of each message, one for those without a plural.
func catalogue(t *testing.T, code string) map[string]map[string]string {
	t.Helper()
	text, err := localeFiles.ReadFile("locale/" + code + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	all := map[string]map[string]string{}
	for key, message := range raw {
		switch m := message.(type) {
		case string:
			all[key] = map[string]string{"other": m}
		case map[string]any:
			all[key] = map[string]string{}
			for form, words := range m {
				all[key][form] = words.(string)
			}
		}
	}
	return all
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// names are the placeholders of a text, each once.
func names(text string) []string {
	found := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// Every language has the messages of English, in the plural forms that it needs, about the same things.
func TestLanguagesSayTheSame(t *testing.T) {
	english := catalogue(t, "en")
	forms := map[string][]string{"en": {"one", "other"}, "de": {"one", "other"}, "fr": {"many", "one", "other"}, "es": {"many", "one", "other"}, "ja": {"other"}}
	for _, l := range tongues() {
		messages := catalogue(t, l.code)
		for key := range messages {
			if english[key] == nil {
				t.Errorf("%s: %q is in no other language", l.code, key)
			}
		}
		for key, want := range english {
			got := messages[key]
			if got == nil {
				t.Errorf("%s: %q is missing", l.code, key)
				continue
			}
			if plural := len(want) > 1; plural && !slices.Equal(slices.Sorted(maps.Keys(got)), forms[l.code]) || !plural && len(got) != 1 {
				t.Errorf("%s: %q has the forms %v", l.code, key, slices.Sorted(maps.Keys(got)))
			}
			for form, text := range got {
				if !slices.Equal(names(text), names(want["other"])) {
					t.Errorf("%s: %q (%s) names %v, in English %v", l.code, key, form, names(text), names(want["other"]))
				}
				if strings.TrimSpace(text) == "" || strings.Count(text, "{{") != len(placeholder.FindAllString(text, -1)) {
					t.Errorf("%s: %q (%s) is %q", l.code, key, form, text)
				}
			}
		}
	}
}

// What is said in English is what a page says somewhere, and what a page says is there to be said.
func TestMessagesAreUsed(t *testing.T) {
	var source strings.Builder
	for _, pattern := range []string{"*.go", "template/*.html"} {
		files, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "story") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(text)
		}
	}
	english := catalogue(t, "en")
	for key := range english {
		if !strings.Contains(source.String(), `"`+key+`"`) {
			t.Errorf("%q is never said", key)
		}
	}
	for _, m := range regexp.MustCompile(`(?:\{\{-?|\()\s*[tn] "([^"]+)"|say\("([^"]+)"|count\("([^"]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if key := m[1] + m[2] + m[3]; english[key] == nil {
			t.Errorf("%q is said, and not there", key)
		}
	}
}

func TestChoosingALanguage(t *testing.T) {
	for _, c := range []struct {
		wishes []string
		want   string
	}{
		{[]string{"", "", "", ""}, "en"},
		{[]string{"de"}, "de"},
		{[]string{"de-AT"}, "de"},
		{[]string{"fr-CA, en;q=0.5"}, "fr"},
		{[]string{"da, es;q=0.5, en;q=0.3"}, "es"},
		{[]string{"da", "ja"}, "ja"},
		{[]string{"da, vo"}, "en"},
		{[]string{"\x00", "es"}, "es"},
		{[]string{"", "fr", "de", "ja"}, "fr"},
		{[]string{"", "", "de", "ja"}, "de"},
		{[]string{strings.Repeat("de,", 300), "fr"}, "fr"},
	} {
		if got := choose(c.wishes...); got.code != c.want {
			t.Errorf("%q: %s, want %s", c.wishes, got.code, c.want)
		}
	}
}
