package locale

import (
	"embed"
	"encoding/json"
	"io/fs"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Catalog is what a room says, by language. Make one with [Load].
type Catalog map[*Language]*Messages

// Messages are what a room says in one language. Safe for concurrent use.
type Messages struct {
	*Language
	localizer *i18n.Localizer
}

// ownFiles are the times that all rooms say alike.
//
//go:embed catalog
var ownFiles embed.FS

// Load reads the folder locale of a room's files, which are embedded: it panics where one is missing or cannot be read.
func Load(files fs.FS) Catalog {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	c := Catalog{}
	for _, l := range all {
		for _, f := range []struct {
			fs.FS
			folder string
		}{{ownFiles, "catalog/"}, {files, "locale/"}} {
			if _, err := bundle.LoadMessageFileFS(f, f.folder+l.Code+".json"); err != nil {
				panic(err)
			}
		}
		c[l] = &Messages{l, i18n.NewLocalizer(bundle, l.Code)}
	}
	return c
}

// In is what the room says in a language; nil stands for English.
func (c Catalog) In(l *Language) *Messages {
	if l == nil {
		l = all[0]
	}
	return c[l]
}

// Text is a message. What it names comes in pairs: "Name", "Ada".
func (m *Messages) Text(key string, pairs ...any) string {
	return m.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: named(pairs)})
}

// Count is a message about a number of things, which it can name as Count.
func (m *Messages) Count(key string, n int) string {
	return m.localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: map[string]any{"Count": n}})
}

// localize falls back to English, and then to the key; tests see to it that there is no need.
func (m *Messages) localize(c *i18n.LocalizeConfig) string {
	if text, _ := m.localizer.Localize(c); text != "" {
		return text
	}
	return c.MessageID
}

func named(pairs []any) map[string]any {
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i].(string)] = pairs[i+1]
	}
	return data
}
