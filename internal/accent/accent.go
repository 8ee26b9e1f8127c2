// Package accent makes an organization's colour one that words can be read in and on.
//
//	c, ok := accent.Parse("#1a5fd0")
//	p := c.Palette() // what is filled with it is p.Fill; words on it are p.OnFill, words in it p.OnLight or p.OnDark
//
// Whatever colour an organization chooses, the words have a contrast of 4.5, which is AA of WCAG 2.2.
package accent

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Color is red, green and blue.
type Color [3]uint8

// Default is for organizations that have chosen none.
var Default = Color{0x1a, 0x5f, 0xd0}

var (
	white = Color{255, 255, 255}
	black = Color{17, 17, 16}
	// lightest and darkest are the grounds on which the accent is read: the sunken one of the light pages, and that of the dark
	// ones. On all others it has more contrast.
	lightest = Color{0xf1, 0xf0, 0xed}
	darkest  = Color{0x23, 0x23, 0x20}
)

// Parse reads #rrggbb. It reports false for anything else.
func Parse(text string) (c Color, ok bool) {
	hex, ok := strings.CutPrefix(text, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || !ok || len(hex) != 6 {
		return c, false
	}
	return Color{uint8(n >> 16), uint8(n >> 8), uint8(n)}, true
}

// String is #rrggbb.
func (c Color) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// Palette is an accent with the colours that words need beside it.
type Palette struct {
	// Fill is the accent as a ground for words, and OnFill the colour of those.
	Fill, OnFill Color
	// OnLight and OnDark are the accent for words, darkened or lightened until they can be read on a light or a dark ground.
	OnLight, OnDark Color
}

// Palette is the one that belongs to c.
func (c Color) Palette() Palette {
	p := Palette{OnLight: c.readable(black, lightest), OnDark: c.readable(white, darkest)}
	p.Fill, p.OnFill = c.fill()
	return p
}

// luminance is WCAG's.
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

// Contrast is WCAG's, 1 to 21.
func Contrast(a, b Color) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// aa is the contrast that words need.
const aa = 4.5

// readable mixes c with another colour, no more than it takes to be read on a ground.
func (c Color) readable(with, ground Color) Color {
	mixed := c
	for percent := 0; percent <= 100 && Contrast(mixed, ground) < aa; percent++ {
		for i := range mixed {
			mixed[i] = uint8((int(c[i])*(100-percent) + int(with[i])*percent) / 100)
		}
	}
	return mixed
}

// fill is c as a ground for words, and the colour of those. White words are what people expect on a strong colour: where they
// nearly can be read, the ground is darkened until they can.
func (c Color) fill() (ground, words Color) {
	if Contrast(c, white) < 3 {
		return c, black
	}
	return c.readable(black, white), white
}
