package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/rate"
)

// RateLimits limits requests, wrong login codes and mails. The zero value has the default limits; see [rate.Production].
type RateLimits struct {
	// parsed is nil in the zero value.
	parsed rate.Limits
}

// RateLimitsOff returns limits that allow everything.
func RateLimitsOff() RateLimits { return RateLimits{rate.Limits{}} }

// ParseRateLimits parses "off", "" (the zero value), or limits by name:
//
//	login=6/m+12/h,email-update=off,default=500/m,code-server=1000/m+30000/h,mail-recipient=20/h+100/d
//
// A limit is "off", or counts of 1 to 1,000,000,000 per second (s), minute (m), hour (h) and day (d), each unit at most once, joined
// with +. Limits that the text omits are those of the zero value. login and email-update always keep their block of 15 minutes.
func ParseRateLimits(text string) (RateLimits, error) {
	switch text {
	case "":
		return RateLimits{}, nil
	case "off":
		return RateLimitsOff(), nil
	}
	limits := rate.Production()
	seen := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		i := slices.IndexFunc(rateLimits, func(b rate.Bucket) bool { return b.String() == name })
		if i < 0 || seen[name] {
			return RateLimits{}, badRateLimits(part)
		}
		seen[name] = true
		limit, ok := parseRate(value)
		if !ok {
			return RateLimits{}, badRateLimits(part)
		}
		limit.Block = limits[rateLimits[i]].Block
		limits[rateLimits[i]] = limit
	}
	return RateLimits{limits}, nil
}

// UnmarshalText calls [ParseRateLimits]. Command-line flags use it.
func (l *RateLimits) UnmarshalText(text []byte) (err error) {
	*l, err = ParseRateLimits(string(text))
	return err
}

func (l RateLimits) limits() rate.Limits {
	if l.parsed == nil {
		return rate.Production()
	}
	return l.parsed
}

// limiter returns a limiter, or nil if nothing has a limit.
func (l RateLimits) limiter() rate.Limiter {
	limits := l.limits()
	if !limits.Limited() {
		return nil
	}
	return rate.NewMemory(limits)
}

// rateLimits are the buckets that have a name in the text of ParseRateLimits.
var rateLimits = []rate.Bucket{
	rate.Default, rate.Pending, rate.Login, rate.LoginOrganization, rate.EmailUpdate, rate.FailedToken, rate.FailedTokenOrganization,
	rate.CodeAddress, rate.CodeOrganization, rate.CodeServer, rate.MailRecipient, rate.MailOrganization, rate.MailServer,
}

// RateLimitNames returns the names of all limits, separated by commas.
func RateLimitNames() string {
	names := make([]string, len(rateLimits))
	for i, b := range rateLimits {
		names[i] = b.String()
	}
	return strings.Join(names, ", ")
}

const maxRate = 1_000_000_000

// parseRate parses counts such as 6/m+12/h, or off.
func parseRate(text string) (limit rate.Rate, ok bool) {
	if text == "off" {
		return limit, true
	}
	windows := map[string]*uint32{"s": &limit.Second, "m": &limit.Minute, "h": &limit.Hour, "d": &limit.Day}
	for part := range strings.SplitSeq(text, "+") {
		count, unit, _ := strings.Cut(part, "/")
		window := windows[unit]
		n, err := strconv.ParseUint(count, 10, 32)
		if window == nil || *window != 0 || err != nil || n == 0 || n > maxRate {
			return limit, false
		}
		*window = uint32(n)
	}
	return limit, true
}

func badRateLimits(part string) error {
	return fmt.Errorf("invalid rate limit %q: use off, or limits such as login=6/m+12/h,default=500/m; the limits are %s", part, RateLimitNames())
}
