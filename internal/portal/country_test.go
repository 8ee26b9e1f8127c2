package portal

import "testing"

func TestCountryNames(t *testing.T) {
	for code, want := range map[string][2]string{"en": {"AF", "Germany"}, "de": {"AF", "Deutschland"}, "fr": {"AF", "Allemagne"}, "ja": {"IS", "ドイツ"}, "ar": {"IS", "ألمانيا"}} {
		l := choose(code)
		list := l.countries()
		if list[0].Code != want[0] || l.countryName("DE") != want[1] || len(list) < 240 {
			t.Errorf("%s: %v, %s, %d countries", code, list[0], l.countryName("DE"), len(list))
		}
	}
}
