package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/postern-go/postern/internal/session"
)

// section is a heading of a Markdown file and the content below it: paragraphs, list items and fenced JSON. Empty lines
// separate paragraphs, lists and fences.
type section struct {
	// file is the first-level heading of the file that contains the section. title is the section's heading up to a
	// parenthesis, and argument the text in the parentheses.
	file, title, argument string
	paragraphs            []string
	items                 []item
	// fences holds the JSON of fences by their info string: "json" is a merge patch, "json request" and "json answer" are
	// examples.
	fences map[string]any
	// used reports whether the document contains the prose.
	used bool
}

// item is a list item that describes a field or a parameter: "- name: text". "name?" marks an optional field, <Component>
// replaces the derived schema, and {…} is a merge patch for it.
type item struct {
	name, component, text string
	optional              bool
	patch                 *object
}

func (s *section) paragraph(i int) string {
	if i < len(s.paragraphs) {
		return s.paragraphs[i]
	}
	return ""
}

// after joins the paragraphs from index i on.
func (s *section) after(i int) string {
	return strings.Join(s.paragraphs[min(i, len(s.paragraphs)):], "\n\n")
}

// item returns the item with the name.
func (s *section) item(name string) (item, bool) {
	for _, it := range s.items {
		if it.name == name {
			return it, true
		}
	}
	return item{patch: obj()}, false
}

// patch applies the merge patch of the section.
func (s *section) patch(o *object) {
	if patch, ok := s.fences["json"].(*object); ok {
		o.merge(patch)
	}
}

// values returns the values of a schema that is a list of words: the paragraph that begins with "Values: ".
func (s *section) values() []string {
	for _, p := range s.paragraphs {
		if words, ok := strings.CutPrefix(p, "Values: "); ok {
			return strings.Fields(words)
		}
	}
	return nil
}

var (
	heading = regexp.MustCompile(`^#+ ([^(]+?)(?: \((.*)\))?$`)
	listed  = regexp.MustCompile(`^- ([^\s:?]+)(\?)?(?: <(\w+)>)?(.*)$`)
)

// readProse returns the sections of all Markdown files.
func readProse(files fs.FS) (all []*section, err error) {
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sections, err := parseProse(endReasons().Replace(string(text)))
		all = append(all, sections...)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err
	})
	return all, err
}

// endReasons fills in the reasons for which sessions end, and the reasons that are also a status of an inspected token.
func endReasons() *strings.Replacer {
	var reasons, statuses []string
	for _, r := range session.Reasons() {
		reasons = append(reasons, "`"+string(r)+"`")
		if r.Inspection() != "" {
			statuses = append(statuses, string(r))
		}
	}
	return strings.NewReplacer("{{end reasons}}", strings.Join(reasons, ", "),
		"{{end statuses}}", "`"+strings.Join(statuses, "`, `")+"`", `"{{end statuses}}"`, `"`+strings.Join(statuses, `", "`)+`"`)
}

func parseProse(text string) (list []*section, err error) {
	var s *section
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		if m := heading.FindStringSubmatch(block); m != nil {
			s = &section{title: m[1], argument: m[2], fences: map[string]any{}}
			list = append(list, s)
			s.file = list[0].title
			continue
		}
		if s == nil {
			return nil, fmt.Errorf("text before the first heading: %s", block)
		}
		fence, isFence := strings.CutPrefix(block, "```")
		switch {
		case isFence:
			info, code, _ := strings.Cut(fence, "\n")
			if s.fences[info], _, err = decode(json.NewDecoder(strings.NewReader(code))); err != nil {
				return nil, fmt.Errorf("%s: %w", s.title, err)
			}
		case strings.HasPrefix(block, "- "):
			for line := range strings.SplitSeq(block, "\n") {
				it, err := parseItem(line)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", s.title, line, err)
				}
				s.items = append(s.items, it)
			}
		default:
			s.paragraphs = append(s.paragraphs, strings.ReplaceAll(block, "\n", " "))
		}
	}
	return list, nil
}

func parseItem(line string) (item, error) {
	m := listed.FindStringSubmatch(line)
	if m == nil {
		return item{}, fmt.Errorf("a list item must have the form - name: text")
	}
	it := item{name: m[1], optional: m[2] != "", component: m[3], patch: obj()}
	rest := strings.TrimSpace(m[4])
	if strings.HasPrefix(rest, "{") {
		patch, end, err := decode(json.NewDecoder(strings.NewReader(rest)))
		if err != nil {
			return item{}, err
		}
		it.patch, rest = patch.(*object), rest[end:]
	}
	it.text = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	return it, nil
}
