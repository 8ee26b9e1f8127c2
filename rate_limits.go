package postern

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/web"
)

// RateLimits says how often a caller may ask. The zero value is what Polar's production server allows: login and
// email-update 6 a minute and 12 an hour, and after one more nothing for 15 minutes; default 500 a minute; pending, which
// are bearers not yet verified, 60 a minute. Counts are per caller and per zone.
type RateLimits struct {
	// own is nil for the zero value.
	own *web.Rates
}

// RateLimitsOff lets every caller ask as often as it likes, for tests and for servers behind a limiter of their own.
func RateLimitsOff() RateLimits { return RateLimits{&web.Rates{}} }

// ParseRateLimits reads "off"; "", which is the zero value; or rates by zone:
//
//	login=6/m+12/h,email-update=off,default=500/m,pending=60/m
//
// A rate is off, or counts of 1 to 1,000,000,000 per second (s), minute (m) and hour (h), each at most once, joined by +. A
// zone that is not named keeps its rate of the zero value; login and email-update keep their block of 15 minutes. Anything
// else is an error that shows a good example.
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

// UnmarshalText is [ParseRateLimits], for flags and files of settings.
func (l *RateLimits) UnmarshalText(text []byte) (err error) {
	*l, err = ParseRateLimits(string(text))
	return err
}

func (l RateLimits) rates() web.Rates {
	if l.own == nil {
		return web.Production()
	}
	return *l.own
}

var zoneNames = map[string]web.Zone{
	"login": web.Login, "email-update": web.EmailUpdate, "default": web.Default, "pending": web.Pending,
}

const maxRate = 1_000_000_000

// parseRate reads counts such as 6/m+12/h, or off.
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
	return fmt.Errorf("the rate limit %q makes no sense: write off, or rates of the zones login, email-update, default and pending, each once, such as login=6/m+12/h,default=500/m,pending=60/m", part)
}
