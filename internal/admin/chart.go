package admin

import (
	"fmt"

	"github.com/postern-go/postern/internal/session"
)

// chart is a bar for each minute, in units of its own: every bar has the width barStep, and the highest one the height barHeight.
type chart struct {
	ID, Title string
	// Of says whose numbers they are, and Hint what is counted.
	Of, Hint string
	Total    int
	// Most is the highest of a minute.
	Most int
	Bars []bar
}

type bar struct {
	X, Y, Height int
	// Title is the number in words.
	Title string
}

const (
	barStep   = 8
	barHeight = 64
)

// Width and Height are those of the whole chart.
func (c chart) Width() int { return barStep * len(c.Bars) }

// Height is that of the highest bar.
func (c chart) Height() int { return barHeight }

// Summary is the chart in words.
func (c chart) Summary() string {
	return fmt.Sprintf("%s: %s in the last hour, at most %s in a minute.", c.Title, formatNumber(c.Total), formatNumber(c.Most))
}

// charts are what was counted, a chart for each kind.
func charts(organization string, minutes []session.Minute) []chart {
	return []chart{
		newChart("created", "Created", organization, "New sessions, by the API, by a login or from here.", minutes, func(m session.Minute) int { return m.Created }),
		newChart("verified", "Let in", organization, "Tokens that opened a live session when they were introspected or used.", minutes, func(m session.Minute) int { return m.Verified }),
		newChart("refused", "Refused", "whole server", "Tokens that opened none. Whose they were, nobody can tell.", minutes, func(m session.Minute) int { return m.Refused }),
	}
}

func newChart(id, title, of, hint string, minutes []session.Minute, number func(m session.Minute) int) chart {
	c := chart{ID: id, Title: title, Of: of, Hint: hint}
	for _, m := range minutes {
		c.Total += number(m)
		c.Most = max(c.Most, number(m))
	}
	for i, m := range minutes {
		b := bar{X: i * barStep, Title: m.At.Format("15:04 UTC") + ": " + formatNumber(number(m))}
		if n := number(m); n > 0 {
			b.Height = max(2, n*barHeight/c.Most) // one that is seen
		}
		b.Y = barHeight - b.Height
		c.Bars = append(c.Bars, b)
	}
	return c
}
