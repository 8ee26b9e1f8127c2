// Package locale holds the languages of pages and mails, chooses one for a customer, and loads message catalogs.
//
// A package with translated texts embeds one file for each language (locale/en.json, locale/de.json, …). Each file is a flat
// JSON object of messages in the format of go-i18n:
//
//	//go:embed locale
//	var localeFiles embed.FS
//
//	var catalog = sync.OnceValue(func() locale.Catalog { return locale.Load(localeFiles) })
//
//	l := locale.Choose(customer.Locale, request.Header.Get("Accept-Language")) // the first preference that is available
//	m := catalog().In(l)
//	m.Text("login.lead", "Organization", "Acme") // "Enter this code to sign in to Acme."
//	m.FormatDuration(30 * time.Minute)           // "30 minutes"
//
// Package localetest checks a catalog: every key is used and translated, and all languages have the same placeholders.
package locale

import (
	"sync"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ja"
	"golang.org/x/text/language"
)

// Language is a supported language. Each language has exactly one value, so pointers to it can be compared.
type Language struct {
	// Code is the value for the lang attribute of HTML, such as "de". Name is the language's own name for itself: "Deutsch".
	Code, Name string
	Tag        language.Tag
	// RightToLeft is the direction of its text.
	RightToLeft bool
	dates       locales.Translator
}

var all = []*Language{
	{Code: "en", Name: "English", Tag: language.English, dates: en.New()},
	{Code: "de", Name: "Deutsch", Tag: language.German, dates: de.New()},
	{Code: "fr", Name: "Français", Tag: language.French, dates: fr.New()},
	{Code: "es", Name: "Español", Tag: language.Spanish, dates: es.New()},
	{Code: "ja", Name: "日本語", Tag: language.Japanese, dates: ja.New()},
	{Code: "ar", Name: "العربية", Tag: language.Arabic, RightToLeft: true, dates: ar.New()},
}

// Languages returns a copy of the list of supported languages. The first one, English, is the default.
func Languages() []*Language { return append([]*Language(nil), all...) }

var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, l := range all {
		tags = append(tags, l.Tag)
	}
	return language.NewMatcher(tags)
})

// maxPreference is the longest language preference that Match parses, in bytes. Browsers send less.
const maxPreference = 512

// Match returns the supported language that fits a preference best. A preference is a tag such as "de-AT" or an Accept-Language
// header, and may come from an untrusted client. Match returns nil if no supported language fits or the preference is invalid.
func Match(preference string) *Language {
	if preference == "" || len(preference) > maxPreference {
		return nil
	}
	tags, _, err := language.ParseAcceptLanguage(preference)
	if err != nil {
		return nil
	}
	_, at, confidence := matcher().Match(tags...)
	if confidence == language.No {
		return nil
	}
	return all[at]
}

// Choose returns the language that [Match] finds for the first matching preference, or English if none matches.
func Choose(preferences ...string) *Language {
	for _, preference := range preferences {
		if l := Match(preference); l != nil {
			return l
		}
	}
	return all[0]
}
