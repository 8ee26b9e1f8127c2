// Package localetest holds what a room says to its sources and to itself.
//
//	localetest.Check(t, "locale", "*.go", "!sample*.go", "template/*")
package localetest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"github.com/postern-go/postern/internal/locale"
)

// Check fails the test for each of the [Flaws].
func Check(t *testing.T, folder string, sources ...string) {
	t.Helper()
	flaws, err := Flaws(folder, sources...)
	if err != nil {
		t.Fatal(err)
	}
	for _, flaw := range flaws {
		t.Error(flaw)
	}
}

// Flaws are what is wrong with the catalog in a folder, whose keys the sources use; those are patterns of [filepath.Glob], or
// with an ! in front of them of what is not a source. In every language there is each key once, with the same placeholders as in English and a form for each number; and a key is
// used by a source, and one that a source says there is.
func Flaws(folder string, sources ...string) (flaws []string, err error) {
	texts, err := read(sources)
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	if n := len(locale.Languages()); len(files) != n {
		flaws = append(flaws, fmt.Sprintf("%s has %d files for %d languages", folder, len(files), n))
	}
	var english map[string]*i18n.Message
	for _, l := range locale.Languages() {
		name := filepath.Join(folder, l.Code+".json")
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		messages, err := parse(name, text)
		if err != nil {
			return nil, err
		}
		if english == nil {
			english = messages
			flaws = append(flaws, use(name, messages, texts)...)
		}
		flaws = append(flaws, twice(name, text)...)
		flaws = append(flaws, compare(name, english, messages)...)
		flaws = append(flaws, forms(name, l, messages)...)
	}
	slices.Sort(flaws)
	return flaws, nil
}

var comments = regexp.MustCompile(`(?m)^\s*//.*$`)

// read is the text of the sources, tests and comments aside.
func read(patterns []string) (string, error) {
	files := map[string]bool{}
	for _, pattern := range patterns {
		glob, not := strings.CutPrefix(pattern, "!")
		names, err := filepath.Glob(glob)
		if err == nil && names == nil {
			err = fmt.Errorf("there is no %s", glob)
		}
		if err != nil {
			return "", err
		}
		for _, name := range names {
			files[name] = !not && !strings.HasSuffix(name, "_test.go")
		}
	}
	var all strings.Builder
	for name, is := range files {
		if !is {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		all.Write(comments.ReplaceAll(text, nil))
	}
	return all.String(), nil
}

func parse(name string, text []byte) (map[string]*i18n.Message, error) {
	file, err := i18n.ParseMessageFileBytes(text, name, map[string]i18n.UnmarshalFunc{"json": json.Unmarshal})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	messages := map[string]*i18n.Message{}
	for _, m := range file.Messages {
		messages[m.ID] = m
	}
	return messages, nil
}

// said finds the key where a source says a message: m.Say("key"), {{.Say "key"}}, {{t "key"}}, and the same of Count and n.
var said = regexp.MustCompile(`(?:\b(?:[Ss]ay|[Cc]ount)[ (]|[{( ](?:t|n) )"([a-z][a-z0-9.-]*)"`)

func use(name string, messages map[string]*i18n.Message, sources string) (flaws []string) {
	for key := range messages {
		if !strings.Contains(sources, `"`+key+`"`) {
			flaws = append(flaws, fmt.Sprintf("%s: nothing uses %q", name, key))
		}
	}
	for _, found := range said.FindAllStringSubmatch(sources, -1) {
		if messages[found[1]] == nil {
			flaws = append(flaws, fmt.Sprintf("%s lacks %q, which is said", name, found[1]))
		}
	}
	return flaws
}

var keys = regexp.MustCompile(`(?m)^\s*"([^"]+)":`)

// twice finds keys that stand in a file more than once, of which JSON takes the last. It asks for a line each.
func twice(name string, text []byte) (flaws []string) {
	seen := map[string]bool{}
	for _, found := range keys.FindAllStringSubmatch(string(text), -1) {
		if seen[found[1]] {
			flaws = append(flaws, fmt.Sprintf("%s has %q twice", name, found[1]))
		}
		seen[found[1]] = true
	}
	return flaws
}

func compare(name string, english, messages map[string]*i18n.Message) (flaws []string) {
	for key, m := range messages {
		if english[key] == nil {
			flaws = append(flaws, fmt.Sprintf("%s has %q, and English has not", name, key))
			continue
		}
		want := placeholders(english[key].Other)
		for _, text := range []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other} {
			if got := placeholders(text); text != "" && !slices.Equal(got, want) {
				flaws = append(flaws, fmt.Sprintf("%s: %q names %v, and in English %v", name, key, got, want))
			}
			if rest := placeholder.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
				flaws = append(flaws, fmt.Sprintf("%s: %q has a placeholder that is none", name, key))
			}
		}
	}
	for key := range english {
		if messages[key] == nil {
			flaws = append(flaws, fmt.Sprintf("%s lacks %q", name, key))
		}
	}
	return flaws
}

var placeholder = regexp.MustCompile(`{{\.\w+}}`)

// placeholders are those of a message, each once, in order.
func placeholders(text string) []string {
	all := placeholder.FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// numbers have every form that one of the languages knows.
var numbers = []int{0, 1, 2, 3, 5, 10, 11, 21, 100, 101, 1_000_000}

// forms finds messages that have nothing to say, or nothing for some number.
func forms(name string, l *locale.Language, messages map[string]*i18n.Message) (flaws []string) {
	bundle := i18n.NewBundle(l.Tag)
	localizer := i18n.NewLocalizer(bundle, l.Code)
	for key, m := range messages {
		if err := bundle.AddMessages(l.Tag, m); err != nil || strings.TrimSpace(m.Other) == "" {
			flaws = append(flaws, fmt.Sprintf("%s: %q says nothing", name, key))
			continue
		}
		if m.One == "" && !slices.Contains(placeholders(m.Other), "{{.Count}}") {
			continue
		}
		for _, n := range numbers {
			if _, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}}); err != nil {
				flaws = append(flaws, fmt.Sprintf("%s: %q has no form for %d", name, key, n))
				break
			}
		}
	}
	return flaws
}
