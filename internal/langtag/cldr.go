package langtag

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed cldr.txt
var cldrText string

// registry holds the data of cldr.txt.
type registry struct {
	valid                           map[string]bool
	languages, territories, scripts map[string]string
}

// cldr returns the data. It is parsed at the first use, because most servers never read a tag.
var cldr = sync.OnceValue(func() registry {
	r := registry{map[string]bool{}, map[string]string{}, map[string]string{}, map[string]string{}}
	sections := map[string]map[string]string{"languages": r.languages, "territories": r.territories, "scripts": r.scripts}
	section := ""
	for line := range strings.Lines(cldrText) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		default:
			for word := range strings.FieldsSeq(line) {
				if pair, ok := sections[section]; ok {
					from, to, _ := strings.Cut(word, "=")
					pair[from] = to
				} else {
					r.addValid(word)
				}
			}
		}
	}
	return r
})

// addValid adds a subtag, or all subtags of a range such as aa[c-f].
func (r registry) addValid(word string) {
	head, class, found := strings.Cut(word, "[")
	if !found {
		r.valid[word] = true
		return
	}
	for c := class[0]; c <= class[2]; c++ {
		r.valid[head+string(rune(c))+class[4:]] = true
	}
}
