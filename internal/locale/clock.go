package locale

import "time"

// FormatTime formats t as a date and a time in UTC, and names UTC in the text: the server does not know the reader's time zone.
func (m *Messages) FormatTime(t time.Time) string {
	t = t.UTC()
	return m.Text("time.moment", "Date", m.dates.FmtDateMedium(t), "Time", m.dates.FmtTimeShort(t))
}

// FormatDuration formats d, rounded down, in days, hours, minutes or seconds. It uses the largest unit of which d contains at
// least two. Below two hours it uses minutes, and below one minute seconds.
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

// FormatWait formats a waiting time in minutes, rounded up, and at least one minute.
func (m *Messages) FormatWait(d time.Duration) string {
	return m.Count("time.minutes", max(1, int((d+time.Minute-1)/time.Minute)))
}
