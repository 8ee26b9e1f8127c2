// Package locale knows the languages in which customers are spoken to, and what a room says in each of them.
//
// A room embeds one file a language, locale/en.json and so on, each a flat object of messages in the format of go-i18n:
//
//	//go:embed locale
//	var localeFiles embed.FS
//
//	var catalog = sync.OnceValue(func() locale.Catalogue { return locale.Load(localeFiles) })
//
//	l := locale.Choose(customer.Locale, request.Header.Get("Accept-Language")) // the first wish that can be granted
//	m := catalog().In(l)
//	m.Say("login.lead", "Organization", "Acme") // "Enter this code to sign in to Acme."
//	m.Lasting(30 * time.Minute)                 // "30 minutes"
//
// localetest holds a room's catalog to its sources: nothing is missing, unused, or says something else in another language.
package locale

import (
	"sync"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ja"
	"golang.org/x/text/language"
)

// Language is one in which customers are spoken to. There is one value of each: compare pointers.
type Language struct {
	// Code is what <html lang> says, and Name what its speakers call it.
	Code, Name string
	Tag        language.Tag
	dates      locales.Translator
}

var all = []*Language{
	{Code: "en", Name: "English", Tag: language.English, dates: en.New()},
	{Code: "de", Name: "Deutsch", Tag: language.German, dates: de.New()},
	{Code: "fr", Name: "Français", Tag: language.French, dates: fr.New()},
	{Code: "es", Name: "Español", Tag: language.Spanish, dates: es.New()},
	{Code: "ja", Name: "日本語", Tag: language.Japanese, dates: ja.New()},
}

// Languages are all of them. The first, English, is for who understands none.
func Languages() []*Language { return append([]*Language(nil), all...) }

var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, l := range all {
		tags = append(tags, l.Tag)
	}
	return language.NewMatcher(tags)
})

// maxWish is how much of a wish is read, in bytes: browsers send less.
const maxWish = 512

// Match is the language that a wish asks for, such as "de-AT" or an Accept-Language header; nil when it asks for none that
// there is. A wish may be anything that anybody has written.
func Match(wish string) *Language {
	if wish == "" || len(wish) > maxWish {
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
	return all[at]
}

// Choose is the language of the first wish that can be granted, and English when none can.
func Choose(wishes ...string) *Language {
	for _, wish := range wishes {
		if l := Match(wish); l != nil {
			return l
		}
	}
	return all[0]
}
