package body

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxDuration is what every duration is shorter than, in seconds.
const maxDuration = 1_000_000_000 * 86_400

// The seconds in the units of an ISO 8601 duration, as Pydantic counts them.
var (
	dateUnits = map[byte]float64{'Y': 365 * 86_400, 'M': 30 * 86_400, 'W': 7 * 86_400, 'D': 86_400}
	timeUnits = map[byte]float64{'H': 3_600, 'M': 60, 'S': 1}
)

// duration reads an ISO 8601 duration or a number of seconds, to the microsecond; nil when there is none to be had.
func (o object) duration(name string) *time.Duration {
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
		seconds, _ = strconv.ParseFloat(v.text, 64) // an integer too large is an infinity
	case boolKind: // which is a number to Pydantic
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

// saturate rounds to microseconds; what a Duration cannot hold becomes the longest that it can.
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

// parseDuration returns the seconds of an ISO 8601 duration, or what is wrong with it in the words of the parser behind
// Pydantic.
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
	case !iso && '0' <= rest[0] && rest[0] <= '9': // Pydantic's other form, "1 day, 10:20:30", is not taken
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

// numberPrefix is the number that the text begins with: digits, then perhaps a point or comma and more of them.
func numberPrefix(text string) string {
	rest := strings.TrimLeft(text, "0123456789")
	if len(rest) < len(text) && rest != "" && (rest[0] == '.' || rest[0] == ',') {
		rest = strings.TrimLeft(rest[1:], "0123456789")
	}
	return text[:len(text)-len(rest)]
}
