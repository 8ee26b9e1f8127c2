package locale

import (
	"embed"
	"encoding/json"
	"io/fs"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Catalog holds the translated messages of one package, by language. Create one with [Load].
type Catalog map[*Language]*Messages

// Messages holds the messages of a catalog in one language. It is safe for concurrent use.
type Messages struct {
	*Language
	localizer *i18n.Localizer
}

// sharedFiles holds the messages for times and durations. Load adds them to every catalog.
//
//go:embed catalog
var sharedFiles embed.FS

// Load reads locale/CODE.json of every supported language from the embedded files of a package. It panics if a file is missing
// or invalid.
func Load(files fs.FS) Catalog {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	c := Catalog{}
	for _, l := range all {
		for _, f := range []struct {
			fs.FS
			folder string
		}{{sharedFiles, "catalog/"}, {files, "locale/"}} {
			if _, err := bundle.LoadMessageFileFS(f, f.folder+l.Code+".json"); err != nil {
				panic(err)
			}
		}
		c[l] = &Messages{l, i18n.NewLocalizer(bundle, l.Code)}
	}
	return c
}

// In returns the messages in language l. A nil l means English.
func (c Catalog) In(l *Language) *Messages {
	if l == nil {
		l = all[0]
	}
	return c[l]
}

// Text returns the message with the key. pairs contains the names and values of the placeholders in turn: "Name", "Ada". If the
// message is missing in this language, Text returns the English message. If the key is unknown, it returns the key.
func (m *Messages) Text(key string, pairs ...any) string {
	return m.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: m.placeholders(pairs)})
}

// Count returns the plural form of a message for the number n. The message can show n with the placeholder Count.
func (m *Messages) Count(key string, n int) string {
	return m.localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}})
}

func (m *Messages) localize(c *i18n.LocalizeConfig) string {
	if text, _ := m.localizer.Localize(c); text != "" {
		return text
	}
	return c.MessageID
}

// placeholders returns the values of the placeholders. In a language that is written from right to left, each text is isolated, so that
// an email address or a name in Latin letters does not change the order of the words around it.
func (m *Messages) placeholders(pairs []any) map[string]any {
	const isolate, end = "\u2068", "\u2069"
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		value := pairs[i+1]
		if text, ok := value.(string); ok && m.RightToLeft && text != "" {
			value = isolate + text + end
		}
		data[pairs[i].(string)] = value
	}
	return data
}
