package locale_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/locale/localetest"
)

func TestMatch(t *testing.T) {
	for preference, want := range map[string]string{
		"en": "en", "de": "de", "fr": "fr", "es": "es", "ja": "ja", "ar": "ar", "ar-EG": "ar",
		"de-AT": "de", "de_CH": "de", "DE": "de", "es-419": "es", "fr-CA": "fr", "ja-JP-u-ca-japanese": "ja", "en-GB": "en", "gsw": "de",
		"de-AT,de;q=0.9,en;q=0.8": "de", "ja;q=0.1, fr;q=0.9": "fr", "ko, ja;q=0.3": "ja", "de;q=0, es": "es", "fr, *;q=0.5": "fr",
		"": "", "*": "", "ko": "", "zh-Hans": "", "und": "", "de;q=0": "", "not a language": "", "de;q=x": "", ",": "", "\xff": "", "français": "",
		strings.Repeat("-", 511): "", "de," + strings.Repeat("a", 511): "",
	} {
		got := ""
		if l := locale.Match(preference); l != nil {
			got = l.Code
		}
		if got != want {
			t.Errorf("Match(%q) = %q, want %q", preference, got, want)
		}
	}
}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		preferences []string
		want        string
	}{
		{nil, "en"}, {[]string{"", "ko"}, "en"}, {[]string{"", "ko", "fr", "de"}, "fr"}, {[]string{"ja", "de"}, "ja"},
		{[]string{"da, es;q=0.5, en;q=0.3"}, "es"}, {[]string{"da", "ja"}, "ja"}, {[]string{"da, vo"}, "en"}, {[]string{"\x00", "es"}, "es"},
		{[]string{strings.Repeat("de,", 300), "fr"}, "fr"},
	} {
		if got := locale.Choose(c.preferences...); got.Code != c.want {
			t.Errorf("Choose(%q) = %s, want %s", c.preferences, got.Code, c.want)
		}
	}
}

func TestLanguagesReturnsACopy(t *testing.T) {
	locale.Languages()[0] = nil
	names := ""
	for _, l := range locale.Languages() {
		names += l.Code + " " + l.Name + " " + l.Tag.String() + ", "
	}
	if names != "en English en, de Deutsch de, fr Français fr, es Español es, ja 日本語 ja, ar العربية ar, " {
		t.Error(names)
	}
}

// testCatalog has the messages "hello" and "late" in every language, except that Japanese lacks "late".
func testCatalog() locale.Catalog {
	files := fstest.MapFS{}
	for _, l := range locale.Languages() {
		files["locale/"+l.Code+".json"] = &fstest.MapFile{Data: []byte(`{"hello": "` + l.Code + ` {{.Name}}", "late": "` + l.Code + `"}`)}
	}
	files["locale/ja.json"] = &fstest.MapFile{Data: []byte(`{"hello": "ja {{.Name}}"}`)}
	return locale.Load(files)
}

func TestTextFallsBackToEnglish(t *testing.T) {
	for _, l := range locale.Languages() {
		m := testCatalog().In(l)
		want := l.Code + " <{{.Ada}}>"
		if l.RightToLeft {
			want = l.Code + " \u2068<{{.Ada}}>\u2069" // isolated from the words around it
		}
		if got := m.Text("hello", "Name", "<{{.Ada}}>"); got != want || m.Code != l.Code {
			t.Errorf("%s: %q", l.Code, got)
		}
	}
	m := testCatalog().In(locale.Match("ja"))
	if late, never := m.Text("late"), m.Text("never"); late != "en" || never != "never" {
		t.Errorf("missing messages are %q and %q, want the English text and the key", late, never)
	}
	if got := testCatalog().In(nil).Text("late"); got != "en" {
		t.Errorf("message of a nil language is %q, want English", got)
	}
}

func TestLoadPanicsOnMissingFiles(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a catalog without files was loaded")
		}
	}()
	locale.Load(fstest.MapFS{})
}

func TestFormatTimesAndDurations(t *testing.T) {
	const day = 24 * time.Hour
	moment := time.Date(2026, 10, 1, 14, 5, 0, 0, time.FixedZone("", 7200))
	for code, want := range map[string][]string{
		"en": {"0 seconds", "1 second", "59 seconds", "1 minute", "1 minute", "30 minutes", "60 minutes", "90 minutes", "2 hours", "47 hours", "2 days", "2 minutes", "Oct 1, 2026, 12:05 pm UTC"},
		"de": {"0 Sekunden", "1 Sekunde", "59 Sekunden", "1 Minute", "1 Minute", "30 Minuten", "60 Minuten", "90 Minuten", "2 Stunden", "47 Stunden", "2 Tage", "2 Minuten", "01.10.2026, 12:05 Uhr UTC"},
		"fr": {"0 seconde", "1 seconde", "59 secondes", "1 minute", "1 minute", "30 minutes", "60 minutes", "90 minutes", "2 heures", "47 heures", "2 jours", "2 minutes", "1 oct. 2026 à 12:05 UTC"},
		"es": {"0 segundos", "1 segundo", "59 segundos", "1 minuto", "1 minuto", "30 minutos", "60 minutos", "90 minutos", "2 horas", "47 horas", "2 días", "2 minutos", "1 oct. 2026, 12:05 UTC"},
		"ja": {"0秒", "1秒", "59秒", "1分", "1分", "30分", "60分", "90分", "2時間", "47時間", "2日", "2分", "2026/10/01 12:05（UTC）"},
		"ar": {"0 ثانية", "1 ثانية", "59 ثانية", "1 دقيقة", "1 دقيقة", "30 دقيقة", "60 دقيقة", "90 دقيقة", "2 ساعتان", "47 ساعة", "2 يومان", "2 دقيقتان", "\u206801\u200f/10\u200f/2026\u2069، \u206812:05 م\u2069 UTC"},
	} {
		m := testCatalog().In(locale.Match(code))
		var got []string
		for _, d := range []time.Duration{-time.Hour, time.Second, 59 * time.Second, time.Minute, 119 * time.Second, 30 * time.Minute, time.Hour,
			90 * time.Minute, 2 * time.Hour, 2*day - 1, 2*day + time.Hour} {
			got = append(got, m.FormatDuration(d))
		}
		got = append(got, m.FormatWait(61*time.Second), m.FormatTime(moment))
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %q, want %q", code, got[i], want[i])
			}
		}
	}
}

func TestCatalog(t *testing.T) { localetest.Check(t, "catalog", "*.go") }
