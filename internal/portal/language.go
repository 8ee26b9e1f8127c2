package portal

import (
	"embed"
	"html/template"
	"sync"

	"github.com/postern-go/postern/internal/locale"
)

//go:embed locale
var localeFiles embed.FS

// tongue is a language that the pages speak, and what they say in it.
type tongue struct {
	*locale.Messages
	templates func() *template.Template
	countries func() []country
}

// tongues are all of them; who understands none of them gets the first.
var tongues = sync.OnceValue(func() (all []*tongue) {
	catalog := locale.Load(localeFiles)
	for _, l := range locale.Languages() {
		t := &tongue{Messages: catalog.In(l)}
		t.templates = sync.OnceValue(t.parse)
		t.countries = sync.OnceValue(t.sortCountries)
		all = append(all, t)
	}
	return all
})

// choose is the tongue of the first wish that can be granted.
func choose(wishes ...string) *tongue {
	chosen := locale.Choose(wishes...)
	for _, t := range tongues() {
		if t.Language == chosen {
			return t
		}
	}
	return tongues()[0]
}
