package mail

import "log/slog"

// discreet keeps whatever embeds it out of logs: a mail holds what opens a session.
type discreet struct{}

// String says that there is a mail, and nothing of it.
func (discreet) String() string { return "(a mail)" }

// GoString is String, for %#v.
func (d discreet) GoString() string { return d.String() }

// LogValue is String, for slog.
func (d discreet) LogValue() slog.Value { return slog.StringValue(d.String()) }
