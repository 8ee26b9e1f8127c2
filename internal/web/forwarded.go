package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// maxTarget is the maximum length in bytes of a request target that [ForwardedTarget] returns.
const maxTarget = 2000

// ForwardedOrigin returns the scheme and the host under which a browser reaches a proxy, from the headers X-Forwarded-Proto and
// X-Forwarded-Host. It returns nil if the peer is not a trusted proxy, or if the headers are missing or invalid. If several proxies
// have added a value, the first one counts, which the browser's request had; a client can invent it for its own requests, but not for
// those of another browser, so a caller must compare the host with those that it expects.
func ForwardedOrigin(r *http.Request, trusted []netip.Prefix) *url.URL {
	if !fromProxy(r, trusted) {
		return nil
	}
	scheme, host := strings.ToLower(first(r.Header["X-Forwarded-Proto"])), first(r.Header["X-Forwarded-Host"])
	if scheme != "http" && scheme != "https" || !isHost(host) {
		return nil
	}
	u, err := url.Parse(scheme + "://" + host)
	if err != nil || u.Host != host || u.User != nil {
		return nil
	}
	return u
}

// ForwardedTarget returns the path and the query that a client requested from a proxy, from the header X-Forwarded-Uri. It returns
// "" if the peer is not a trusted proxy, if the header is missing or repeated, or if [IsTarget] is false for it.
func ForwardedTarget(r *http.Request, trusted []netip.Prefix) string {
	target := escapeRaw(single(r.Header["X-Forwarded-Uri"]))
	if !fromProxy(r, trusted) || !IsTarget(target) {
		return ""
	}
	return target
}

// IsTarget reports whether a text is the path and the query of a page, so that a redirect to it stays on the same host. It refuses
// what browsers could take for another host, and texts that may contain a token, because a URL with a token must not be passed on.
func IsTarget(text string) bool {
	if text == "" || len(text) > maxTarget || text[0] != '/' || strings.HasPrefix(text, "//") || containsToken(text) {
		return false
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] >= 0x7F || text[i] == '\\' || text[i] == '#' {
			return false
		}
	}
	u, err := url.Parse(text)
	return err != nil || u.Host == "" && u.Scheme == "" // a percent sign that begins no escape is an error, but browsers send it
}

// escapeRaw percent-encodes the bytes that are not ASCII, as browsers do.
func escapeRaw(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if text[i] < 0x80 {
			b.WriteByte(text[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", text[i])
		}
	}
	return b.String()
}

func fromProxy(r *http.Request, trusted []netip.Prefix) bool {
	peer := parseIP(r.RemoteAddr)
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(peer) })
}

// single returns the only value of a header, or "" if it has none or several.
func single(values []string) string {
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

// first returns the first element of the lists in a header, or "" if there is none.
func first(values []string) string {
	element, _, _ := strings.Cut(strings.Join(values, ","), ",")
	return strings.Trim(element, " \t")
}

// isHost reports whether the text is a host name or an IP address, optionally with a port. It refuses every character that
// another URL parser could take for the end of the host.
func isHost(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-:[]_", rune(c)) {
			return false
		}
	}
	return text != "" && text[0] != ':'
}

// containsToken reports whether the target of a request may contain a token. It also finds tokens that are percent-encoded, up to
// four times.
func containsToken(target string) bool {
	for range 5 {
		if tokens.MatchString(target) {
			return true
		}
		plain := unescape(target)
		if plain == target {
			return false
		}
		target = plain
	}
	return true
}

// unescape decodes percent-encoded bytes, and keeps what is not a valid escape.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if plain, err := url.PathUnescape(text[i : i+3]); err == nil {
				b.WriteString(plain)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
