package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxForwarded is the maximum length in bytes of a URL that [Forwarded] returns. Browsers and Polar accept no longer URLs.
const maxForwarded = 2000

// Forwarded returns the URL that a client requested from a proxy, from the headers X-Forwarded-Proto, -Host and -Uri. It
// returns nil if the peer is not a trusted proxy, if one of the headers is missing or repeated, or if the headers do not form
// an http or https URL without credentials. It also returns nil if the URL may contain a token, because a URL with a token must
// not be passed on.
func Forwarded(r *http.Request, trusted []netip.Prefix) *url.URL {
	peer := parseIP(r.RemoteAddr)
	if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(peer) }) {
		return nil
	}
	proto, host, target := single(r.Header["X-Forwarded-Proto"]), single(r.Header["X-Forwarded-Host"]), single(r.Header["X-Forwarded-Uri"])
	text := proto + "://" + host + target
	if proto != "http" && proto != "https" || !isHost(host) || !strings.HasPrefix(target, "/") || len(text) > maxForwarded || containsToken(target) {
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

// single returns the only value of a header, or "" if it has none or several.
func single(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

// isHost reports whether the text is a host name or an IP address, optionally with a port. It refuses every character that
// another URL parser could take for the end of the host.
func isHost(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-:[]", rune(c)) {
			return false
		}
	}
	return text != "" && text[0] != ':'
}

// containsToken reports whether the target of a request may contain a token. It also finds tokens that are percent-encoded.
func containsToken(target string) bool {
	for range 4 {
		if tokens.MatchString(target) {
			return true
		}
		plain, err := url.PathUnescape(target)
		if err != nil {
			return true // the text cannot be decoded, so a token cannot be ruled out
		}
		if plain == target {
			return false
		}
		target = plain
	}
	return true
}
