package mail

import "log/slog"

// redacted is embedded in types that hold a mail. It hides their content from fmt and slog, because the codes and links in
// mails are credentials.
type redacted struct{}

// String returns a constant instead of the content.
func (redacted) String() string { return "(mail)" }

// GoString hides the content from %#v.
func (r redacted) GoString() string { return r.String() }

// LogValue hides the content from slog.
func (r redacted) LogValue() slog.Value { return slog.StringValue(r.String()) }
