package accent

import (
	"math"
	"testing"
)

func TestParse(t *testing.T) {
	if c, ok := Parse("#1A5fd0"); !ok || c != Default || c.String() != "#1a5fd0" {
		t.Errorf("%v, %v", c, ok)
	}
	for _, text := range []string{"", "#", "1a5fd0", "#1a5fd", "#1a5fd00", "#1a5fg0", "#+a5fd0", "#1a5f 0", "red", "#1_5fd0"} {
		if c, ok := Parse(text); ok {
			t.Errorf("%q is %v", text, c)
		}
	}
}

// Text has enough contrast with every accent. The test covers all grays, which are the hardest, and every 17th color.
func TestEveryAccentHasEnoughContrast(t *testing.T) {
	for v := range 256 {
		checkContrast(t, Color{uint8(v), uint8(v), uint8(v)})
	}
	for r := 0; r < 256; r += 17 {
		for g := 0; g < 256; g += 17 {
			for b := 0; b < 256; b += 17 {
				checkContrast(t, Color{uint8(r), uint8(g), uint8(b)})
			}
		}
	}
}

func checkContrast(t *testing.T, fill Color) {
	t.Helper()
	p := fill.Palette()
	for name, pair := range map[string][2]Color{
		"on it": {p.OnFill, p.Fill}, "on light": {p.OnLight, lightest}, "on the ground": {p.OnLight, {0xf7, 0xf7, 0xf5}}, "on white": {p.OnLight, white}, "on dark": {p.OnDark, darkest},
	} {
		if c := Contrast(pair[0], pair[1]); c < aa {
			t.Errorf("%v %s: %v has a contrast of %.2f", p.Fill, name, pair[0], c)
		}
	}
}

// Colors with enough contrast are not changed.
func TestAccentsWithContrastAreKept(t *testing.T) {
	for _, c := range []struct{ chosen, fill, onFill, onLight, onDark string }{
		{"#1a5fd0", "#1a5fd0", "#ffffff", "#1a5fd0", ""},
		{"#000000", "#000000", "#ffffff", "#000000", ""},
		{"#ffffff", "#ffffff", "#111110", "", "#ffffff"},
		{"#ffd400", "#ffd400", "#111110", "", "#ffd400"},
		{"#777777", "#757575", "#ffffff", "", ""},
	} {
		chosen, _ := Parse(c.chosen)
		p := chosen.Palette()
		if p.Fill.String() != c.fill || p.OnFill.String() != c.onFill || c.onLight != "" && p.OnLight.String() != c.onLight || c.onDark != "" && p.OnDark.String() != c.onDark {
			t.Errorf("%s: %v", c.chosen, p)
		}
	}
}

func TestContrast(t *testing.T) {
	for _, c := range []struct {
		a, b Color
		want float64
	}{{white, Color{}, 21}, {white, white, 1}, {white, Color{0x77, 0x77, 0x77}, 4.48}, {Color{255, 0, 0}, white, 4.0}} {
		if got := Contrast(c.a, c.b); math.Abs(got-c.want) > 0.01 {
			t.Errorf("%s on %s: %.3f, want %.3f", c.a, c.b, got, c.want)
		}
	}
}
