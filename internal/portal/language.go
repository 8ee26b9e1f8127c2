package portal

import (
	"embed"
	"html/template"
	"sync"

	"github.com/postern-go/postern/internal/locale"
)

//go:embed locale
var localeFiles embed.FS

// localizer has the texts of the pages in one language.
type localizer struct {
	*locale.Messages
	templates func() *template.Template
	countries func() []country
}

// localizers are the localizers of all languages, the default language first.
var localizers = sync.OnceValue(func() (all []*localizer) {
	catalog := locale.Load(localeFiles)
	for _, l := range locale.Languages() {
		t := &localizer{Messages: catalog.In(l)}
		t.templates = sync.OnceValue(t.parse)
		t.countries = sync.OnceValue(t.sortCountries)
		all = append(all, t)
	}
	return all
})

// choose returns the localizer of the first preference that names a supported language. If no preference does, it returns the
// localizer of the default language.
func choose(preferences ...string) *localizer {
	chosen := locale.Choose(preferences...)
	for _, t := range localizers() {
		if t.Language == chosen {
			return t
		}
	}
	return localizers()[0]
}
