package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
)

// Proxy makes requests look the same whichever reverse proxy has passed them on. It is an http.Handler in front of all others.
//
//   - If the public URL has a path, the proxy may remove this path from requests or not.
//   - The proxy names the client, and what the client requested, in X-Forwarded-For, -Proto and -Host, or in Forwarded (RFC 7239).
//     Next only sees the X-Forwarded- headers.
type Proxy struct {
	Next http.Handler
	// Base is the public URL.
	Base *url.URL
	// Serves reports whether Next serves a path below the path of the public URL.
	Serves func(path string) bool
	// Trusted are the networks of the proxies.
	Trusted []netip.Prefix
	// Forwarded makes the proxies' header Forwarded count instead of X-Forwarded-For, -Proto and -Host.
	Forwarded bool
	Log       *slog.Logger

	warned atomic.Bool
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.warn(r)
	if p.Forwarded {
		r = translateForwarded(r, p.Trusted)
	}
	p.Next.ServeHTTP(w, p.withoutBase(r))
}

// warn logs the first request that names a client but comes from an address that is not trusted. All clients behind such a proxy share
// its rate limits. A client can cause the line too, so it is logged once.
func (p *Proxy) warn(r *http.Request) {
	if len(r.Header["X-Forwarded-For"]) == 0 && len(r.Header["Forwarded"]) == 0 || p.warned.Load() {
		return
	}
	peer := parseIP(r.RemoteAddr)
	if isTrusted(peer, p.Trusted) || !p.warned.CompareAndSwap(false, true) {
		return
	}
	p.Log.Warn("a request names its client, but does not come from a trusted proxy; all clients of a proxy share its rate limits",
		"peer", peer.String(), "fix", "if the peer is your reverse proxy, add it to --trusted-proxies; further requests are not logged")
}

// withoutBase removes the path of the public URL from the path of a request, if a path remains that the server has. Otherwise the
// proxy has removed it already.
func (p *Proxy) withoutBase(r *http.Request) *http.Request {
	base := strings.TrimSuffix(p.Base.Path, "/")
	if base == "" {
		return r
	}
	rest, below := strings.CutPrefix(r.URL.Path, base)
	if !below || rest != "" && (rest[0] != '/' || rest != "/" && !p.Serves(rest)) {
		return r
	}
	to := *r
	to.URL = new(url.URL)
	*to.URL = *r.URL
	to.URL.Path = "/" + strings.TrimPrefix(rest, "/")
	if r.URL.RawPath != "" {
		escaped, below := strings.CutPrefix(r.URL.RawPath, strings.TrimSuffix(p.Base.EscapedPath(), "/"))
		if !below {
			return r // a part of the public URL's path is escaped in another way
		}
		to.URL.RawPath = escaped
	}
	return &to
}

// translateForwarded replaces the X-Forwarded- headers of a request by what trusted proxies wrote in Forwarded. Scheme and host are
// those of the outermost trusted proxy.
func translateForwarded(r *http.Request, trusted []netip.Prefix) *http.Request {
	to := *r
	to.Header = r.Header.Clone()
	for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"} {
		delete(to.Header, name)
	}
	hops := parseForwarded(r.Header["Forwarded"])
	if len(hops) == 0 || !isTrusted(parseIP(r.RemoteAddr), trusted) {
		return &to
	}
	clients := make([]string, len(hops))
	for i, h := range hops {
		if clients[i] = h["for"]; clients[i] == "" || strings.Contains(clients[i], ",") {
			clients[i] = "unknown"
		}
	}
	to.Header["X-Forwarded-For"] = []string{strings.Join(clients, ", ")}
	outermost := hops[max(0, len(hops)-1-trustedHops(to.Header["X-Forwarded-For"], trusted))]
	for name, header := range map[string]string{"proto": "X-Forwarded-Proto", "host": "X-Forwarded-Host"} {
		if value := outermost[name]; value != "" {
			to.Header[header] = []string{value}
		}
	}
	return &to
}

// parseForwarded returns the parameters of each element of the header Forwarded, with names in lower case. It ignores a line that does
// not follow RFC 7239 and what comes before it, which a client may have written.
func parseForwarded(lines []string) (hops []map[string]string) {
	for _, line := range lines {
		if more, ok := parseForwardedLine(line); ok {
			hops = append(hops, more...)
		} else {
			hops = nil
		}
	}
	return hops
}

func parseForwardedLine(line string) (hops []map[string]string, ok bool) {
	hop := map[string]string{}
	for rest := strings.Trim(line, " \t"); ; {
		name, value, after, ok := forwardedPair(rest)
		if _, repeated := hop[name]; !ok || repeated {
			return nil, false
		}
		hop[name] = value
		after = strings.TrimLeft(after, " \t")
		switch {
		case after == "":
			return append(hops, hop), true
		case after[0] == ',':
			hops, hop = append(hops, hop), map[string]string{}
		case after[0] != ';':
			return nil, false
		}
		rest = strings.TrimLeft(after[1:], " \t")
	}
}

// forwardedPair splits the first pair from a part of the header Forwarded: name=token or name="quoted string".
func forwardedPair(text string) (name, value, rest string, ok bool) {
	name, rest, found := strings.Cut(text, "=")
	if !found || name == "" || !isHTTPToken(name) {
		return "", "", "", false
	}
	name = strings.ToLower(name)
	if !strings.HasPrefix(rest, `"`) {
		end := strings.IndexAny(rest, ";, \t")
		if end < 0 {
			end = len(rest)
		}
		return name, rest[:end], rest[end:], end > 0 && isHTTPToken(rest[:end])
	}
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			return name, b.String(), rest[i+1:], true
		case c == '\\' && i+1 < len(rest):
			i++
			b.WriteByte(rest[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", "", false
}

// isHTTPToken reports whether a text is a token (RFC 9110, section 5.6.2). It also allows the colon of a port, which many proxies do
// not quote.
func isHTTPToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~:", c) < 0 {
			return false
		}
	}
	return true
}

func isTrusted(ip netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// trustedHops returns how many entries at the end of X-Forwarded-For are trusted proxies.
func trustedHops(lines []string, trusted []netip.Prefix) (n int) {
	entries := strings.Split(strings.Join(lines, ","), ",")
	for i := len(entries) - 1; i >= 0 && isTrusted(parseIP(entries[i]), trusted); i-- {
		n++
	}
	return n
}
