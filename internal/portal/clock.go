package portal

import "time"

// stamp is a time for programs, such as the script that shows it where the reader lives.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// moment is a time for people. The server does not know where they live, so it says that it is UTC.
func (l *tongue) moment(t time.Time) string {
	t = t.UTC()
	return l.say("time.moment", "Date", l.dates.FmtDateMedium(t), "Time", l.dates.FmtTimeShort(t))
}

// lasting is a duration in its largest unit, never more than it is.
func (l *tongue) lasting(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return l.count("time.days", int(d/day))
	case d >= 2*time.Hour:
		return l.count("time.hours", int(d/time.Hour))
	case d >= time.Minute:
		return l.count("time.minutes", int(d/time.Minute))
	}
	return l.count("time.seconds", max(0, int(d/time.Second)))
}

// waiting is a duration to wait in minutes, never less than it is.
func (l *tongue) waiting(d time.Duration) string {
	return l.count("time.minutes", max(1, int((d+time.Minute-1)/time.Minute)))
}
