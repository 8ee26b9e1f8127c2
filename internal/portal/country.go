package portal

import (
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/postern-go/postern/internal/body"
)

// country is a country with its ISO code and its name in one language.
type country struct{ Code, Name string }

// countryList holds the countries, sorted by the rules of a language.
type countryList []country

func (c countryList) Len() int           { return len(c) }
func (c countryList) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c countryList) Bytes(i int) []byte { return []byte(c[i].Name) }

func (l *localizer) sortCountries() []country {
	var all countryList
	for _, code := range body.Countries() {
		all = append(all, country{code, l.countryName(code)})
	}
	collate.New(l.Tag).Sort(all)
	return all
}

// countryName returns the name of a country, or its code if the language has no name for it.
func (l *localizer) countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(l.Tag).Name(region); name != "" {
		return name
	}
	return code
}
