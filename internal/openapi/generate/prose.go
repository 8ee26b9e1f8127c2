package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// section is a heading of a Markdown file with what follows it: paragraphs, list items and fenced JSON.
type section struct {
	// title is the heading up to a parenthesis, and argument what stands in the parentheses.
	title, argument string
	paragraphs      []string
	items           []item
	// fences holds the JSON of fences by their info string: "json" is a merge patch, "json request" and "json answer" are
	// examples.
	fences map[string]any
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

// after joins the paragraphs from the i-th on.
func (s *section) after(i int) string {
	return strings.Join(s.paragraphs[min(i, len(s.paragraphs)):], "\n\n")
}

// item returns the item of that name.
func (s *section) item(name string) (item, bool) {
	if s != nil {
		for _, it := range s.items {
			if it.name == name {
				return it, true
			}
		}
	}
	return item{}, false
}

// patch applies the merge patch of the section.
func (s *section) patch(o *object) {
	if patch, ok := s.fences["json"].(*object); ok {
		o.merge(patch)
	}
}

var (
	heading = regexp.MustCompile(`^#{1,2} ([^(]+?)(?: \((.*)\))?$`)
	listed  = regexp.MustCompile(`^- ([^\s:?]+)(\?)?(?: <(\w+)>)?(.*)$`)
)

// readProse returns the sections of the files that match the pattern, file by file.
func readProse(pattern string) ([][]*section, error) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no prose in %s: %w", pattern, err)
	}
	var files [][]*section
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		sections, err := parseProse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, sections)
	}
	return files, nil
}

func parseProse(text string) (list []*section, err error) {
	var s *section
	for _, block := range blocks(text) {
		if m := heading.FindStringSubmatch(block); m != nil {
			s = &section{title: m[1], argument: m[2], fences: map[string]any{}}
			list = append(list, s)
			continue
		}
		if s == nil {
			return nil, fmt.Errorf("text before the first heading: %s", block)
		}
		if fence, ok := strings.CutPrefix(block, "```"); ok {
			info, code, _ := strings.Cut(fence, "\n")
			if s.fences[info], _, err = decode(code); err != nil {
				return nil, fmt.Errorf("%s: %w", s.title, err)
			}
			continue
		}
		if !strings.HasPrefix(block, "- ") {
			s.paragraphs = append(s.paragraphs, strings.ReplaceAll(block, "\n", " "))
			continue
		}
		for line := range strings.SplitSeq(block, "\n") {
			it, err := parseItem(line)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.title, err)
			}
			s.items = append(s.items, it)
		}
	}
	return list, nil
}

// blocks splits a text at empty lines, after headings and around fences.
func blocks(text string) (list []string) {
	var block []string
	end := func() {
		if len(block) > 0 {
			list, block = append(list, strings.Join(block, "\n")), nil
		}
	}
	fenced := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case fenced:
			if fenced = line != "```"; fenced {
				block = append(block, line)
			} else {
				end()
			}
		case strings.HasPrefix(line, "```"):
			end()
			fenced, block = true, []string{line}
		case line == "":
			end()
		case strings.HasPrefix(line, "#"):
			end()
			block = []string{line}
			end()
		default:
			block = append(block, line)
		}
	}
	end()
	return list
}

func parseItem(line string) (it item, err error) {
	m := listed.FindStringSubmatch(line)
	if m == nil {
		return it, fmt.Errorf("not an item: %s", line)
	}
	it = item{name: m[1], optional: m[2] != "", component: m[3], patch: obj()}
	rest := strings.TrimSpace(m[4])
	if strings.HasPrefix(rest, "{") {
		var patch any
		if patch, rest, err = decode(rest); err != nil {
			return it, err
		}
		it.patch = patch.(*object)
	}
	it.text = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	return it, nil
}
