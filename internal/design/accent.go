package design

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// colour is red, green and blue.
type colour [3]uint8

var (
	white = colour{255, 255, 255}
	black = colour{17, 17, 16}
	// lightest and darkest are the surfaces on which the accent is read: the sunken one of the light sheet, and that of the
	// dark one. On all others it has more contrast.
	lightest = colour{0xf1, 0xf0, 0xed}
	darkest  = colour{0x23, 0x23, 0x20}
)

// parseColour reads #rrggbb without its #.
func parseColour(hex string) (c colour, ok bool) {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		return c, false
	}
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// luminance is WCAG's.
func (c colour) luminance() float64 {
	weigh := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*weigh(c[0]) + 0.7152*weigh(c[1]) + 0.0722*weigh(c[2])
}

// contrast is WCAG's, 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// aa is the contrast that words need.
const aa = 4.5

// readable mixes c with another colour, no more than it takes to be read on a ground.
func (c colour) readable(with, ground colour) colour {
	mixed := c
	for percent := 0; percent <= 100 && contrast(mixed, ground) < aa; percent++ {
		for i := range mixed {
			mixed[i] = uint8((int(c[i])*(100-percent) + int(with[i])*percent) / 100)
		}
	}
	return mixed
}

// fill is c as a ground for words, and the colour of those. White words are what people expect on a strong colour: where they
// nearly can be read, the ground is darkened until they can.
func (c colour) fill() (ground, words colour) {
	if contrast(c, white) < 3 {
		return c, black
	}
	return c.readable(black, white), white
}

// AccentSheet is the name under which [Files] serve the sheet of an accent, "#1a5fd0"; "" for what is no colour.
func AccentSheet(accent string) string {
	digits, marked := strings.CutPrefix(accent, "#")
	if c, ok := parseColour(digits); ok && marked {
		return c.sheetName()
	}
	return ""
}

func (c colour) sheetName() string { return "accent-" + strings.TrimPrefix(c.String(), "#") + ".css" }

// sheet is the style sheet of an organization's accent. Words in it are darkened or lightened until they can be read.
func (c colour) sheet() string {
	const rules = "--accent:%s;--on-accent:%s;--accent-ink:%s;--accent-edge:%[3]s"
	ground, words := c.fill()
	light := fmt.Sprintf(rules, ground, words, c.readable(black, lightest))
	dark := fmt.Sprintf(rules, ground, words, c.readable(white, darkest))
	return ":root{" + light + "}\n@media (prefers-color-scheme:dark){:root{" + dark + "}}\n"
}
