package body

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxDuration is Pydantic's limit for durations, in seconds. A duration must be below it.
const maxDuration = 1_000_000_000 * 86_400

// dateUnits and timeUnits are the units of an ISO 8601 duration in seconds, as Pydantic converts them.
var (
	dateUnits = map[byte]float64{'Y': 365 * 86_400, 'M': 30 * 86_400, 'W': 7 * 86_400, 'D': 86_400}
	timeUnits = map[byte]float64{'H': 3_600, 'M': 60, 'S': 1}
)

// duration reads an ISO 8601 duration or a number of seconds, rounded to microseconds. It returns nil if the field is absent,
// null or invalid.
func (o object) duration(name string) *time.Duration {
	o.describe(name, false, Schema{Type: "string", Format: "duration", Nullable: true})
	v, ok := o.member(name, false)
	if !ok {
		return nil
	}
	var seconds float64
	var why string
	switch v.kind {
	case stringKind:
		seconds, why = parseDuration(v.text)
	case intKind, floatKind:
		seconds, _ = strconv.ParseFloat(v.text, 64) // an integer that is too large becomes infinity
	case boolKind: // Pydantic treats booleans as 0 and 1
		if v.text == "true" {
			seconds = 1
		}
	default:
		o.refuse(v, "time_delta_type", "Input should be a valid timedelta", nil, name)
		return nil
	}
	if why == "" && math.Abs(seconds) >= maxDuration {
		why = "durations may not exceed 999,999,999 days"
	}
	if why != "" {
		o.refuse(v, "time_delta_parsing", "Input should be a valid timedelta, "+why, context("error", why), name)
		return nil
	}
	d := saturate(seconds)
	return &d
}

// saturate converts seconds to a Duration, rounded to microseconds and limited to the range of a Duration.
func saturate(seconds float64) time.Duration {
	switch whole, fraction := math.Modf(seconds); {
	case whole >= math.MaxInt64/1e9-1:
		return math.MaxInt64
	case whole <= math.MinInt64/1e9+1:
		return math.MinInt64
	default:
		return time.Duration(whole)*time.Second + time.Duration(math.Round(fraction*1e6))*time.Microsecond
	}
}

// parseDuration returns the seconds of an ISO 8601 duration, or the error text of the parser that Pydantic uses (the Rust crate
// speedate).
func parseDuration(text string) (seconds float64, why string) {
	sign, rest := 1.0, text
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
		if rest[0] == '-' {
			sign = -1
		}
		rest = rest[1:]
	}
	if rest == "" || rest == "P" || rest == "PT" {
		return 0, "input is too short"
	}
	rest, iso := strings.CutPrefix(rest, "P")
	switch {
	case !iso && '0' <= rest[0] && rest[0] <= '9': // Pydantic also accepts "1 day, 10:20:30"; this parser does not
		return 0, `"day" identifier in duration not correctly formatted`
	case !iso:
		return 0, "invalid digit in duration"
	}
	units, part := dateUnits, "date"
	for rest != "" {
		if rest[0] == 'T' && part == "date" {
			units, part, rest = timeUnits, "time", rest[1:]
			continue
		}
		number := numberPrefix(rest)
		if number == "" {
			return 0, "invalid digit in duration"
		}
		rest = rest[len(number):]
		if rest == "" || units[rest[0]] == 0 {
			return 0, "quantity invalid in " + part + " part of duration"
		}
		n, _ := strconv.ParseFloat(strings.Replace(number, ",", ".", 1), 64)
		if n *= units[rest[0]]; n > math.MaxUint32*86_400 {
			return 0, "a numeric value in the duration is too large"
		}
		seconds, rest = seconds+n, rest[1:]
	}
	return sign * seconds, ""
}

// numberPrefix returns the number at the start of text: digits, optionally followed by a period or comma and more digits.
func numberPrefix(text string) string {
	rest := strings.TrimLeft(text, "0123456789")
	if len(rest) < len(text) && rest != "" && (rest[0] == '.' || rest[0] == ',') {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	return text[:len(text)-len(rest)]
}
