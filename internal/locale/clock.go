package locale

import "time"

// FormatTime is a time for people. The server does not know where they live, so it says that it is UTC.
func (m *Messages) FormatTime(t time.Time) string {
	t = t.UTC()
	return m.Text("time.moment", "Date", m.dates.FmtDateMedium(t), "Time", m.dates.FmtTimeShort(t))
}

// FormatDuration is a duration in a unit that does not lose much of it, never more than it is.
func (m *Messages) FormatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return m.Count("time.days", int(d/day))
	case d >= 2*time.Hour:
		return m.Count("time.hours", int(d/time.Hour))
	case d >= time.Minute:
		return m.Count("time.minutes", int(d/time.Minute))
	}
	return m.Count("time.seconds", max(0, int(d/time.Second)))
}

// FormatWait is a duration to wait in minutes, never less than it is.
func (m *Messages) FormatWait(d time.Duration) string {
	return m.Count("time.minutes", max(1, int((d+time.Minute-1)/time.Minute)))
}
