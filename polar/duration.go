package polar

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// seconds converts a duration to whole seconds. Zero becomes an omitted field. A negative duration or a fraction of a
// second is an error.
func seconds(name string, d time.Duration) (Optional[int64], error) {
	switch {
	case d == 0:
		return Optional[int64]{}, nil
	case d < 0 || d%time.Second != 0:
		return Optional[int64]{}, fmt.Errorf("%s is %v; it must be a positive number of whole seconds", name, d)
	}
	return Set(int64(d / time.Second)), nil
}

// isoSeconds is like seconds, but returns an ISO 8601 duration, such as "PT90S".
func isoSeconds(name string, d time.Duration) (Optional[string], error) {
	whole, err := seconds(name, d)
	n, ok := whole.Get()
	if !ok || err != nil {
		return Optional[string]{}, err
	}
	return Set("PT" + strconv.FormatInt(n, 10) + "S"), nil
}

// wholeSeconds is a duration that JSON contains as a whole number of seconds.
type wholeSeconds time.Duration

// MarshalJSON encodes the seconds and drops a fraction of a second.
func (s wholeSeconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, int64(time.Duration(s)/time.Second), 10), nil
}

// UnmarshalJSON decodes seconds. A number that is not whole or that exceeds a time.Duration is an error. JSON null
// changes nothing.
func (s *wholeSeconds) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/int64(time.Second) {
		return errors.New("a number of seconds is not whole, negative or too large")
	}
	*s = wholeSeconds(time.Duration(n) * time.Second)
	return nil
}

// UnixTime is a time as the number of seconds since January 1, 1970 UTC.
type UnixTime int64

// Time returns the time in UTC.
func (t UnixTime) Time() time.Time { return time.Unix(int64(t), 0).UTC() }

// String returns the time in the form of RFC 3339, such as "2026-10-01T12:00:00Z".
func (t UnixTime) String() string { return t.Time().Format(time.RFC3339) }
