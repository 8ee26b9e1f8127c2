package admin

import (
	"fmt"

	"github.com/postern-go/postern/internal/session"
)

// chart is a bar chart with one bar for each minute. Bars are barStep wide, and the highest bar is barHeight high.
type chart struct {
	ID, Title string
	// Of names the subject of the chart: the organization or the server. Hint explains what the chart counts.
	Of, Hint string
	Total    int
	// Most is the highest count of all minutes.
	Most int
	Bars []bar
}

type bar struct {
	X, Y, Height int
	// Title is the bar's tooltip: the minute and its count.
	Title string
}

const (
	barStep   = 8
	barHeight = 64
)

// Width returns the width of the whole chart.
func (c chart) Width() int { return barStep * len(c.Bars) }

// Height returns the height of the whole chart.
func (c chart) Height() int { return barHeight }

// Summary describes the chart for screen readers.
func (c chart) Summary() string {
	return fmt.Sprintf("%s: %s in the last hour, at most %s in a minute.", c.Title, formatNumber(c.Total), formatNumber(c.Most))
}

// charts returns one chart for each kind of count.
func charts(organization string, minutes []session.Minute) []chart {
	return []chart{
		newChart("created", "Created", organization, "New sessions, created by the API, by logins or on the admin pages.", minutes, func(m session.Minute) int { return m.Created }),
		newChart("verified", "Verified", organization, "Requests with the token of a live session.", minutes, func(m session.Minute) int { return m.Verified }),
		newChart("refused", "Refused", "whole server", "Requests with an invalid session token, for all organizations.", minutes, func(m session.Minute) int { return m.Refused }),
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
			b.Height = max(2, n*barHeight/c.Most) // a visible bar
		}
		b.Y = barHeight - b.Height
		c.Bars = append(c.Bars, b)
	}
	return c
}
