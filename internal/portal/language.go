package portal

import (
	"embed"
	"encoding/json"
	"html/template"
	"sync"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ja"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locale
var localeFiles embed.FS

// tongue is a language that the pages speak.
type tongue struct {
	// code is what <html lang> says, and name what its speakers call it.
	code, name string
	tag        language.Tag
	// dates writes dates and times.
	dates     locales.Translator
	messages  *i18n.Localizer
	templates func() *template.Template
	countries func() []country
}

// tongues are all of them; who understands none of them gets the first.
var tongues = sync.OnceValue(func() []*tongue {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	all := []*tongue{
		{code: "en", name: "English", dates: en.New()},
		{code: "de", name: "Deutsch", dates: de.New()},
		{code: "fr", name: "Français", dates: fr.New()},
		{code: "es", name: "Español", dates: es.New()},
		{code: "ja", name: "日本語", dates: ja.New()},
	}
	for _, l := range all {
		if _, err := bundle.LoadMessageFileFS(localeFiles, "locale/"+l.code+".json"); err != nil {
			panic(err) // it is embedded, and tests read it
		}
		l.tag = language.MustParse(l.code)
		l.messages = i18n.NewLocalizer(bundle, l.code)
		l.templates = sync.OnceValue(l.parse)
		l.countries = sync.OnceValue(l.sortCountries)
	}
	return all
})

var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, l := range tongues() {
		tags = append(tags, l.tag)
	}
	return language.NewMatcher(tags)
})

// maxPreference is how much of a wish for languages is read, in bytes: browsers send less.
const maxPreference = 512

// speak is the tongue that a wish, such as "de-AT" or an Accept-Language header, asks for; nil when there is none.
func speak(wish string) *tongue {
	if wish == "" || len(wish) > maxPreference {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(wish)
	if err != nil {
		return nil
	}
	_, at, confidence := matcher().Match(tags...)
	if confidence == language.No {
		return nil
	}
	return tongues()[at]
}

// choose is the tongue of the first wish that can be granted.
func choose(wishes ...string) *tongue {
	for _, wish := range wishes {
		if l := speak(wish); l != nil {
			return l
		}
	}
	return tongues()[0]
}

// say is a message. What it names comes in pairs: "Name", "Ada". A message that is missing is its key: tests see to it that
// none is.
func (l *tongue) say(key string, pairs ...any) string {
	return l.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: named(pairs)})
}

// count is a message about a number of things, which it can name as Count.
func (l *tongue) count(key string, n int) string {
	return l.localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}})
}

func (l *tongue) localize(c *i18n.LocalizeConfig) string {
	text, err := l.messages.Localize(c)
	if err != nil {
		return c.MessageID
	}
	return text
}

func named(pairs []any) map[string]any {
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i].(string)] = pairs[i+1]
	}
	return data
}
