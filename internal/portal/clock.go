package portal

import "time"

// stamp is a time for programs, such as the script that shows it where the reader lives.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
