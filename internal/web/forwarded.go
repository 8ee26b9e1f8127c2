package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxForwarded is the longest address that [Forwarded] returns, in bytes: browsers and Polar take no longer one.
const maxForwarded = 2000

// Forwarded returns the address that a client asked a proxy for, as X-Forwarded-Proto, -Host and -Uri tell it. It is nil when
// the peer is no trusted proxy, when one of the three is missing or repeated, when together they are no address on http or
// https without credentials, and when there may be a token in it: one must not be passed on in an address.
func Forwarded(r *http.Request, trusted []netip.Prefix) *url.URL {
	peer := parseIP(r.RemoteAddr)
	if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(peer) }) {
		return nil
	}
	proto, host, target := only(r.Header["X-Forwarded-Proto"]), only(r.Header["X-Forwarded-Host"]), only(r.Header["X-Forwarded-Uri"])
	text := proto + "://" + host + target
	if proto != "http" && proto != "https" || !isHost(host) || !strings.HasPrefix(target, "/") || len(text) > maxForwarded || holdsToken(target) {
		return nil
	}
	for i := range len(target) {
		if target[i] <= ' ' || target[i] >= 0x7F || target[i] == '\\' || target[i] == '#' {
			return nil
		}
	}
	u, err := url.Parse(text)
	if err != nil || u.Host != host || u.User != nil {
		return nil
	}
	return u
}

// only is "" for none and for several.
func only(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

// isHost reports whether the text is a name or an address, perhaps with a port, and nothing that could end a host earlier or
// later in the eyes of somebody else.
func isHost(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-:[]", rune(c)) {
			return false
		}
	}
	return text != "" && text[0] != ':'
}

// holdsToken reports whether there is a token in the target of a request, however often it was escaped.
func holdsToken(target string) bool {
	for range 4 {
		if tokens.MatchString(target) {
			return true
		}
		plain, err := url.PathUnescape(target)
		if err != nil {
			return true // nobody knows
		}
		if plain == target {
			return false
		}
		target = plain
	}
	return true
}
