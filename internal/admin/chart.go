package admin

import (
	"fmt"

	"github.com/postern-go/postern/internal/session"
)

// chart is a bar chart with one bar for each minute or hour. Bars are barStep wide, and the highest bar is barHeight high.
type chart struct {
	ID, Title string
	// Of names the subject of the chart: the organization or the server. Hint explains what the chart counts.
	Of, Hint string
	Total    int
	// Most is the highest count of all bars. Span is the time of a bar, such as "minute".
	Most int
	Span string
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
	period, span := "the last hour", "a minute"
	if c.Span == "hour" {
		period, span = "the last 24 hours", "an hour"
	}
	return fmt.Sprintf("%s: %s in %s, at most %s in %s.", c.Title, formatNumber(c.Total), period, formatNumber(c.Most), span)
}

// minuteCharts returns the charts of the last hour.
func minuteCharts(organization string, minutes []session.Count) []chart {
	return []chart{
		newChart("created", "Created", organization, "New sessions, created by the API, by logins or on the admin pages.", "minute", minutes, func(c session.Count) int { return c.Created }),
		newChart("verified", "Verified", organization, "Requests with the token of a live session.", "minute", minutes, func(c session.Count) int { return c.Verified }),
		newChart("refused", "Refused", "whole server", "Requests with an invalid session token, for all organizations.", "minute", minutes, func(c session.Count) int { return c.Refused }),
	}
}

// hourCharts returns the charts of the last day.
func hourCharts(organization string, hours []session.Count) []chart {
	return []chart{
		newChart("day-created", "Created", organization, "New sessions of every kind.", "hour", hours, func(c session.Count) int { return c.Created }),
		newChart("day-logins", "Logins", organization, "New sessions of customers and members who logged in.", "hour", hours, func(c session.Count) int { return c.LoggedIn }),
		newChart("day-ended", "Ended early", organization, "Sessions that were ended one by one. Ending all sessions of a holder counts once.", "hour", hours, func(c session.Count) int { return c.Ended }),
	}
}

func newChart(id, title, of, hint, span string, counts []session.Count, number func(c session.Count) int) chart {
	c := chart{ID: id, Title: title, Of: of, Hint: hint, Span: span}
	for _, m := range counts {
		c.Total += number(m)
		c.Most = max(c.Most, number(m))
	}
	for i, m := range counts {
		b := bar{X: i * barStep, Title: m.At.Format("15:04 UTC") + ": " + formatNumber(number(m))}
		if n := number(m); n > 0 {
			b.Height = max(2, n*barHeight/c.Most) // a visible bar
		}
		b.Y = barHeight - b.Height
		c.Bars = append(c.Bars, b)
	}
	return c
}
