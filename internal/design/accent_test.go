package design

import (
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// inks are the colours of words in the accent on light and on dark surfaces, and those of words on the accent and of their
// ground, as a browser reads them out of a sheet.
func inks(t *testing.T, sheet string) (light, dark, over, ground colour) {
	t.Helper()
	read := func(text, name string) colour {
		m := regexp.MustCompile(`--` + name + `: ?#([0-9a-f]{6})`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("no --%s in %s", name, text)
		}
		c, _ := parseColour(m[1])
		return c
	}
	before, after, _ := strings.Cut(sheet, "prefers-color-scheme")
	return read(before, "accent-ink"), read(after, "accent-ink"), read(before, "on-accent"), read(before, "accent")
}

func TestAccentsCanBeRead(t *testing.T) {
	hues := []colour{{}, white, {255, 255, 0}, {0, 0, 255}, {255, 0, 0}, {0x77, 0x77, 0x77}, {0xfa, 0xcc, 0x15}, {0x1a, 0x5f, 0xd0}}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		hues = append(hues, colour{uint8(random.IntN(256)), uint8(random.IntN(256)), uint8(random.IntN(256))})
	}
	lights := []colour{white, {0xf7, 0xf7, 0xf5}, {0xf1, 0xf0, 0xed}}
	darks := []colour{{0x12, 0x12, 0x11}, {0x1b, 0x1b, 0x19}, {0x23, 0x23, 0x20}}
	for _, c := range hues {
		light, dark, over, fill := inks(t, c.sheet())
		for _, ground := range lights {
			if got := contrast(light, ground); got < aa {
				t.Errorf("%s as %s on %s: %.2f", c, light, ground, got)
			}
		}
		for _, ground := range darks {
			if got := contrast(dark, ground); got < aa {
				t.Errorf("%s as %s on %s: %.2f", c, dark, ground, got)
			}
		}
		if got := contrast(over, fill); got < aa {
			t.Errorf("%s on %s, for %s: %.2f", over, fill, c, got)
		}
	}
}

// A colour that can be read is left as it was chosen.
func TestReadableAccentsStay(t *testing.T) {
	blue := colour{0x1a, 0x5f, 0xd0}
	if light, _, _, fill := inks(t, blue.sheet()); light != blue || fill != blue {
		t.Errorf("%s became %s and %s", blue, light, fill)
	}
	yellow := colour{0xfa, 0xcc, 0x15}
	if _, _, _, fill := inks(t, yellow.sheet()); fill != yellow {
		t.Errorf("%s became %s", yellow, fill)
	}
}

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b colour
		want float64
	}{{white, colour{}, 21}, {white, white, 1}, {white, colour{0x77, 0x77, 0x77}, 4.48}, {colour{255, 0, 0}, white, 4.0}} {
		if got := contrast(c.a, c.b); math.Abs(got-c.want) > 0.01 {
			t.Errorf("%s on %s: %.3f, want %.3f", c.a, c.b, got, c.want)
		}
	}
}

// The sheet that all pages have says of its own accent what an organization's would.
func TestOwnAccentIsMixedAlike(t *testing.T) {
	text, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, over, fill := inks(t, string(text))
	c, _ := parseColour("1a5fd0")
	if l, d, o, f := inks(t, c.sheet()); light != l || dark != d || over != o || fill != f {
		t.Errorf("style.css has %s %s %s %s, want %s %s %s %s", light, dark, over, fill, l, d, o, f)
	}
}

// Every pair of colours of the sheet that carries words can be read.
func TestSheetCanBeRead(t *testing.T) {
	text, err := staticFiles.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	before, after, _ := strings.Cut(string(text), "prefers-color-scheme: dark")
	after, _, _ = strings.Cut(after, "}\n}")
	for _, sheet := range []string{before, after} {
		colours := map[string]colour{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(sheet, -1) {
			colours[m[1]], _ = parseColour(m[2])
		}
		for _, pair := range []string{
			"ink/ground", "ink/card", "ink/sunken", "soft/ground", "soft/card", "soft/sunken", "good/good-soft", "warn/warn-soft",
			"bad/bad-soft", "bad/card", "bad/ground", "accent-ink/ground", "accent-ink/card", "accent-ink/sunken",
		} {
			words, ground, _ := strings.Cut(pair, "/")
			if got := contrast(colours[words], colours[ground]); got < aa {
				t.Errorf("%s: %.2f", pair, got)
			}
		}
		if got := contrast(colours["edge"], colours["card"]); got < 3 {
			t.Errorf("the edge of an input: %.2f", got)
		}
	}
}
