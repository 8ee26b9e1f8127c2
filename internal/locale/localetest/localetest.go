// Package localetest checks the message catalog of a package: against the sources that use it, and between the languages.
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

// Check fails the test once for each of the [Problems] of a catalog.
func Check(t *testing.T, folder string, sources ...string) {
	t.Helper()
	problems, err := Problems(folder, sources...)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// Problems returns the problems of the catalog in folder, sorted. Each source is a pattern for [filepath.Glob]; a leading "!"
// excludes the matching files. Every language must have the same keys, each key once, with the placeholders of the English
// message and all plural forms. The sources must use every key, and only keys that exist.
func Problems(folder string, sources ...string) (problems []string, err error) {
	texts, err := read(sources)
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	if n := len(locale.Languages()); len(files) != n {
		problems = append(problems, fmt.Sprintf("%s has %d files, want one for each of %d languages", folder, len(files), n))
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
			problems = append(problems, checkUsage(name, messages, texts)...)
		}
		problems = append(problems, checkDuplicates(name, text)...)
		problems = append(problems, checkAgainstEnglish(name, english, messages)...)
		problems = append(problems, checkForms(name, l, messages)...)
	}
	slices.Sort(problems)
	return problems, nil
}

var comments = regexp.MustCompile(`(?m)^\s*//.*$`)

// read returns the concatenated text of the sources, without test files and comment lines.
func read(patterns []string) (string, error) {
	files := map[string]bool{}
	for _, pattern := range patterns {
		glob, not := strings.CutPrefix(pattern, "!")
		names, err := filepath.Glob(glob)
		if err == nil && names == nil {
			err = fmt.Errorf("no file matches %s", glob)
		}
		if err != nil {
			return "", err
		}
		for _, name := range names {
			files[name] = !not && !strings.HasSuffix(name, "_test.go")
		}
	}
	var all strings.Builder
	for name, included := range files {
		if !included {
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

// usage matches the use of a message in Go or in a template, and captures the key of the message: m.Text("key"), {{.Text
// "key"}}, {{t "key"}}, m.Count("key", …) and {{n "key" …}}.
var usage = regexp.MustCompile(`(?:\b(?:[Tt]ext|[Cc]ount)[ (]|[{( ](?:t|n) )"([a-z][a-z0-9.-]*)"`)

func checkUsage(name string, messages map[string]*i18n.Message, sources string) (problems []string) {
	for key := range messages {
		if !strings.Contains(sources, `"`+key+`"`) {
			problems = append(problems, fmt.Sprintf("%s: %q is unused", name, key))
		}
	}
	for _, found := range usage.FindAllStringSubmatch(sources, -1) {
		if messages[found[1]] == nil {
			problems = append(problems, fmt.Sprintf("%s lacks %q, which a source uses", name, found[1]))
		}
	}
	return problems
}

var keys = regexp.MustCompile(`(?m)^\s*"([^"]+)":`)

// checkDuplicates reports keys that appear more than once in a file, because the JSON decoder would silently use the last one.
// Each key must be on its own line.
func checkDuplicates(name string, text []byte) (problems []string) {
	seen := map[string]bool{}
	for _, found := range keys.FindAllStringSubmatch(string(text), -1) {
		if seen[found[1]] {
			problems = append(problems, fmt.Sprintf("%s has %q twice", name, found[1]))
		}
		seen[found[1]] = true
	}
	return problems
}

func checkAgainstEnglish(name string, english, messages map[string]*i18n.Message) (problems []string) {
	for key, m := range messages {
		if english[key] == nil {
			problems = append(problems, fmt.Sprintf("%s has %q, which English lacks", name, key))
			continue
		}
		want := placeholders(english[key].Other)
		for _, text := range []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other} {
			if got := placeholders(text); text != "" && !slices.Equal(got, want) {
				problems = append(problems, fmt.Sprintf("%s: %q has placeholders %v, want %v as in English", name, key, got, want))
			}
			if rest := placeholder.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}") {
				problems = append(problems, fmt.Sprintf("%s: %q has a malformed placeholder", name, key))
			}
		}
	}
	for key := range english {
		if messages[key] == nil {
			problems = append(problems, fmt.Sprintf("%s lacks %q", name, key))
		}
	}
	return problems
}

var placeholder = regexp.MustCompile(`{{\.\w+}}`)

// placeholders returns the placeholders of a message, sorted and without duplicates.
func placeholders(text string) []string {
	all := placeholder.FindAllString(text, -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// numbers covers every plural form of the supported languages.
var numbers = []int{0, 1, 2, 3, 5, 10, 11, 21, 100, 101, 1_000_000}

// checkForms reports messages that are empty or lack a plural form.
func checkForms(name string, l *locale.Language, messages map[string]*i18n.Message) (problems []string) {
	bundle := i18n.NewBundle(l.Tag)
	localizer := i18n.NewLocalizer(bundle, l.Code)
	for key, m := range messages {
		if err := bundle.AddMessages(l.Tag, m); err != nil || strings.TrimSpace(m.Other) == "" {
			problems = append(problems, fmt.Sprintf("%s: %q is empty", name, key))
			continue
		}
		if m.One == "" && !slices.Contains(placeholders(m.Other), "{{.Count}}") {
			continue
		}
		for _, n := range numbers {
			if _, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}}); err != nil {
				problems = append(problems, fmt.Sprintf("%s: %q has no plural form for %d", name, key, n))
				break
			}
		}
	}
	return problems
}
