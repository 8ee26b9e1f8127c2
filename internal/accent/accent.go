// Package accent derives readable text and background colors from an organization's accent color.
//
//	c, ok := accent.Parse("#1a5fd0")
//	p := c.Palette() // p.Fill is a background and p.OnFill text on it; p.OnLight and p.OnDark are text in the accent color
//
// All these texts have a contrast ratio of at least 4.5, as WCAG 2.2 level AA requires.
package accent

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Color is an RGB color: red, green and blue.
type Color [3]uint8

// Default is the accent of organizations that have not chosen one.
var Default = Color{0x1a, 0x5f, 0xd0}

var (
	white = Color{255, 255, 255}
	black = Color{17, 17, 16}
	// lightest and darkest are the backgrounds with the least contrast to text in the accent color, on light and on dark pages.
	lightest = Color{0xf1, 0xf0, 0xed}
	darkest  = Color{0x23, 0x23, 0x20}
)

// Parse parses a color such as #1a5fd0. It reports false for any other text.
func Parse(text string) (c Color, ok bool) {
	hex, ok := strings.CutPrefix(text, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || !ok || len(hex) != 6 {
		return c, false
	}
	return Color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// String returns the color as #rrggbb.
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// Palette is an accent with the colors of text and backgrounds that go with it.
type Palette struct {
	// Fill is the accent color as a background, and OnFill the color of text on this background.
	Fill, OnFill Color
	// OnLight and OnDark are the accent color as the color of text on light and on dark backgrounds.
	OnLight, OnDark Color
}

// Palette returns the palette of an accent.
func (c Color) Palette() Palette {
	p := Palette{OnLight: c.readable(black, lightest), OnDark: c.readable(white, darkest)}
	p.Fill, p.OnFill = c.fill()
	return p
}

// luminance returns the relative luminance as WCAG 2.2 defines it, from 0 to 1.
func (c Color) luminance() float64 {
	weigh := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*weigh(c[0]) + 0.7152*weigh(c[1]) + 0.0722*weigh(c[2])
}

// Contrast returns the contrast ratio as WCAG 2.2 defines it, from 1 to 21.
func Contrast(a, b Color) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// aa is the contrast ratio that WCAG 2.2 level AA requires for text.
const aa = 4.5

// readable mixes c with another color until its contrast to a background is sufficient.
func (c Color) readable(with, background Color) Color {
	mixed := c
	for percent := 0; percent <= 100 && Contrast(mixed, background) < aa; percent++ {
		for i := range mixed {
			mixed[i] = uint8((int(c[i])*(100-percent) + int(with[i])*percent) / 100)
		}
	}
	return mixed
}

// fill returns c as a background, and the color of text on this background. Readers expect white text on a strong color, so if
// white text is almost readable, fill darkens the background until the text is readable.
func (c Color) fill() (background, text Color) {
	if Contrast(c, white) < 3 {
		return c, black
	}
	return c.readable(black, white), white
}
