package server

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/web"
)

// RateLimits limits the requests of each caller per zone. The zero value has the limits of Polar's production server; see
// [web.Production].
type RateLimits struct {
	// parsed is nil in the zero value.
	parsed *web.Rates
}

// RateLimitsOff returns limits that allow every request.
func RateLimitsOff() RateLimits { return RateLimits{&web.Rates{}} }

// ParseRateLimits parses "off", "" (the zero value), or limits by zone:
//
//	login=6/m+12/h,email-update=off,default=500/m,pending=60/m
//
// A limit is "off", or counts of 1 to 1,000,000,000 per second (s), minute (m) and hour (h), each unit at most once, joined with
// +. Zones that the text omits keep the limits of the zero value. login and email-update always keep their block of 15 minutes.
func ParseRateLimits(text string) (RateLimits, error) {
	switch text {
	case "":
		return RateLimits{}, nil
	case "off":
		return RateLimitsOff(), nil
	}
	rates := web.Production()
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		zone, ok := zoneNames[name]
		if !ok || seen[name] {
			return RateLimits{}, badRateLimits(part)
		}
		seen[name] = true
		rate, ok := parseRate(value)
		if !ok {
			return RateLimits{}, badRateLimits(part)
		}
		rate.Block = rates[zone].Block
		rates[zone] = rate
	}
	return RateLimits{&rates}, nil
}

// UnmarshalText calls [ParseRateLimits]. Command-line flags use it.
func (l *RateLimits) UnmarshalText(text []byte) (err error) {
	*l, err = ParseRateLimits(string(text))
	return err
}

func (l RateLimits) rates() web.Rates {
	if l.parsed == nil {
		return web.Production()
	}
	return *l.parsed
}

var zoneNames = map[string]web.Zone{
	"login": web.Login, "email-update": web.EmailUpdate, "default": web.Default, "pending": web.Pending,
}

const maxRate = 1_000_000_000

// parseRate parses counts such as 6/m+12/h, or off.
func parseRate(text string) (rate web.Rate, ok bool) {
	if text == "off" {
		return rate, true
	}
	windows := map[string]*uint32{"s": &rate.Second, "m": &rate.Minute, "h": &rate.Hour}
	for part := range strings.SplitSeq(text, "+") {
		count, unit, _ := strings.Cut(part, "/")
		window := windows[unit]
		n, err := strconv.ParseUint(count, 10, 32)
		if window == nil || *window != 0 || err != nil || n == 0 || n > maxRate {
			return rate, false
		}
		*window = uint32(n)
	}
	return rate, true
}

func badRateLimits(part string) error {
	return fmt.Errorf("invalid rate limit %q: use off, or limits for the zones login, email-update, default and pending, such as login=6/m+12/h,default=500/m,pending=60/m", part)
}
