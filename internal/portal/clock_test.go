package portal

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for _, c := range []struct {
		d        time.Duration
		en, ja   string
		waitedEN string
	}{
		{0, "0 seconds", "0秒", "1 minute"},
		{-time.Second, "0 seconds", "0秒", "1 minute"},
		{time.Second, "1 second", "1秒", "1 minute"},
		{time.Minute - 1, "59 seconds", "59秒", "1 minute"},
		{time.Minute, "1 minute", "1分", "1 minute"},
		{61 * time.Second, "1 minute", "1分", "2 minutes"},
		{2*time.Hour - 1, "119 minutes", "119分", "120 minutes"},
		{2 * time.Hour, "2 hours", "2時間", "120 minutes"},
		{48*time.Hour - 1, "47 hours", "47時間", "2880 minutes"},
		{48 * time.Hour, "2 days", "2日", "2880 minutes"},
	} {
		en, ja := tongues()[0], tongues()[4]
		if got := en.lasting(c.d); got != c.en {
			t.Errorf("%v: %q, want %q", c.d, got, c.en)
		}
		if got := ja.lasting(c.d); got != c.ja {
			t.Errorf("%v: %q, want %q", c.d, got, c.ja)
		}
		if got := en.waiting(c.d); got != c.waitedEN {
			t.Errorf("waiting %v: %q, want %q", c.d, got, c.waitedEN)
		}
	}
}

func TestMoments(t *testing.T) {
	at := time.Date(2026, 10, 1, 15, 4, 5, 0, time.FixedZone("CEST", 2*60*60))
	for code, want := range map[string]string{
		"en": "Oct 1, 2026, 1:04 pm UTC", "de": "01.10.2026, 13:04 Uhr UTC", "fr": "1 oct. 2026 à 13:04 UTC", "es": "1 oct. 2026, 13:04 UTC", "ja": "2026/10/01 13:04（UTC）",
	} {
		if got := choose(code).moment(at); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

func TestCountries(t *testing.T) {
	for code, want := range map[string][2]string{"en": {"AF", "Germany"}, "de": {"AF", "Deutschland"}, "fr": {"AF", "Allemagne"}, "ja": {"IS", "ドイツ"}} {
		l := choose(code)
		list := l.countries()
		if list[0].Code != want[0] || l.countryName("DE") != want[1] || len(list) < 240 {
			t.Errorf("%s: %v, %s, %d countries", code, list[0], l.countryName("DE"), len(list))
		}
	}
}
