package directory

import (
	"cmp"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// AllowsReturn reports whether a page may link to an address from an untrusted source, such as the return_url of a login. The
// address must be an http or https URL without credentials that one of the ReturnHosts allows, or whose host is one of the
// ApplicationHosts, or an address with a scheme that the ReturnHosts name. If both are empty, no address is allowed, because an
// attacker could have chosen the address.
func (p PortalSettings) AllowsReturn(u *url.URL) bool {
	if IsAppAddress(u) {
		return slices.Contains(p.ReturnHosts, u.Scheme+"://")
	}
	return isPlain(u) && (slices.ContainsFunc(p.ReturnHosts, func(pattern string) bool { return returnMatches(pattern, u) }) || p.isApplication(u))
}

// CallbackPath is the end of the path of every address to which the sign-in page sends a ticket.
const CallbackPath = "/.postern/callback"

// IsCallback reports whether an address is the callback of an application, which gets a ticket for the customer's session after
// the sign-in. Its host must be one of the ApplicationHosts. If the server is reached over https, the address must use https too,
// unless it is on the customer's own computer: everyone on the network could read the ticket.
func (p PortalSettings) IsCallback(u *url.URL, https bool) bool {
	return isPlain(u) && strings.HasSuffix(u.Path, CallbackPath) && u.RawPath == "" && u.RawQuery == "" && !u.ForceQuery && u.Fragment == "" &&
		(u.Scheme == "https" || !https || isLoopback(u.Hostname())) && p.isApplication(u)
}

// isApplication reports whether the host of an address is one of the ApplicationHosts.
func (p PortalSettings) isApplication(u *url.URL) bool {
	return slices.ContainsFunc(p.ApplicationHosts, func(host string) bool { return hostMatches(host, u) })
}

// isLoopback reports whether a host is the computer of the browser.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// CheckReturn returns fault.RuleViolated for an address that ReturnHosts do not allow. It checks addresses that the
// organization's own servers send. It allows "", and every http or https URL if ReturnHosts is empty.
func (p PortalSettings) CheckReturn(address string) error {
	if f := p.returnProblem(address); f != nil {
		return fault.Rule(*f)
	}
	return nil
}

func (p PortalSettings) returnProblem(address string) *fault.Field {
	u, err := url.Parse(address)
	if address == "" || len(p.ReturnHosts) == 0 && !IsAppAddress(u) || err == nil && p.AllowsReturn(u) {
		return nil
	}
	f := refused("return_url", "The return URL must be a URL without credentials that the return hosts of the organization allow: "+orNone(p.ReturnHosts)+".", address)
	return &f
}

func orNone(hosts []string) string {
	return cmp.Or(strings.Join(hosts, ", "), "none")
}

// isPlain reports whether an address is an http or https URL, without credentials, with a host that every browser parses in
// the same way.
func isPlain(u *url.URL) bool {
	return u != nil && (u.Scheme == "http" || u.Scheme == "https") && u.Opaque == "" && u.User == nil && u.Hostname() != "" && plainHost.MatchString(u.Host)
}

// IsAppAddress reports whether an address opens an app, such as myapp://account. Addresses of schemes that browsers interpret
// themselves are none.
func IsAppAddress(u *url.URL) bool {
	return u != nil && appScheme.MatchString(u.Scheme) && u.Opaque == "" && u.User == nil && u.Host != "" && !slices.Contains(browserSchemes, u.Scheme)
}

// browserSchemes are the schemes that an organization cannot allow: browsers would run a script, open a file, or open any app.
var browserSchemes = []string{
	"http", "https", "ws", "wss", "ftp", "javascript", "vbscript", "data", "blob", "file", "filesystem", "about", "view-source", "intent",
	"chrome", "chrome-extension", "moz-extension", "resource", "jar", "mailto", "tel", "sms", "urn",
}

var (
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.\-:\[\]_]+$`)
	appScheme   = regexp.MustCompile(`^[a-z][a-z0-9+.-]{1,63}$`)
	returnHosts = regexp.MustCompile(`^(?:(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$`)
)

// returnMatches reports whether one of the ReturnHosts allows an http or https URL.
func returnMatches(pattern string, u *url.URL) bool {
	allowed, err := url.Parse(pattern)
	if !strings.Contains(pattern, "://") || err != nil {
		return hostMatches(pattern, u)
	}
	below := strings.TrimSuffix(allowed.EscapedPath(), "/")
	path := u.EscapedPath()
	return u.Scheme == allowed.Scheme && hostMatches(allowed.Host, u) && (path == below || strings.HasPrefix(path, below+"/")) && !hasDots(path)
}

// hasDots reports whether a path has segments that lead browsers to another path.
func hasDots(path string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' }), func(segment string) bool {
		plain := strings.ReplaceAll(strings.ToLower(segment), "%2e", ".")
		return plain == "." || plain == ".."
	})
}

// hostMatches reports whether the host of an address is the one of the pattern, or below it if the pattern begins with "*.".
func hostMatches(pattern string, u *url.URL) bool {
	own := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	allowed := url.URL{Host: pattern}
	if cmp.Or(allowed.Port(), own) != cmp.Or(u.Port(), own) {
		return false
	}
	host, name := allowed.Hostname(), strings.ToLower(u.Hostname())
	if domain, below := strings.CutPrefix(host, "*"); below {
		return len(name) > len(domain) && strings.HasSuffix(name, domain)
	}
	if ip, err := netip.ParseAddr(host); err == nil { // an IPv6 address has several spellings
		other, err := netip.ParseAddr(name)
		return err == nil && ip == other
	}
	return name == host
}

// The maximum number of return hosts, and the maximum length of one host including its port.
const (
	maxReturnHosts = 100
	maxHost        = MaxDomain + len(":65535")
)

// normalizeHosts converts the hosts to lower case. It returns the error of the first invalid host, or nil.
func (p *PortalSettings) normalizeHosts() *fault.Field {
	f := normalizeEach("return_hosts", &p.ReturnHosts, normalizeReturnHost, "This is a host as in an address, such as app.example.com, localhost:3000 or "+
		"*.example.com, a URL such as https://example.com/account, or the scheme of an app, such as myapp://.")
	if f != nil {
		return f
	}
	return normalizeEach("application_hosts", &p.ApplicationHosts, normalizeApplicationHost, "This is the host of one application as in its address, such as app.example.com or localhost:3000.")
}

// normalizeEach replaces each text of a list by its normalized form. It returns an error with the message for the first text that has
// none.
func normalizeEach(name string, list *[]string, normalize func(text string) (string, bool), message string) *fault.Field {
	if len(*list) > maxReturnHosts {
		f := refused(name, fmt.Sprintf("There are too many hosts. An organization can have up to %d.", maxReturnHosts), nil)
		return &f
	}
	var normalized []string
	for i, text := range *list {
		host, ok := normalize(text)
		if !ok {
			return &fault.Field{Type: "value_error", Name: []any{name, i}, Input: toJSON(text), Msg: message}
		}
		normalized = append(normalized, host)
	}
	*list = normalized
	return nil
}

func normalizeReturnHost(text string) (string, bool) {
	scheme, rest, isURL := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case !isURL:
		return normalizeHost(text)
	case rest == "":
		return scheme + "://", appScheme.MatchString(scheme) && !slices.Contains(browserSchemes, scheme)
	}
	u, err := url.Parse(text)
	if err != nil || !isPlain(u) || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || hasDots(u.EscapedPath()) || len(text) > MaxURL {
		return "", false
	}
	u.Host = strings.ToLower(u.Host)
	return u.String(), true
}

func normalizeApplicationHost(text string) (string, bool) {
	host, ok := normalizeHost(text)
	return host, ok && !strings.HasPrefix(host, "*")
}

// normalizeHost returns a host with its port in lower case.
func normalizeHost(text string) (string, bool) {
	host := strings.ToLower(text)
	if len(host) > maxHost || !returnHosts.MatchString(host) {
		return "", false
	}
	if address, _, found := strings.Cut(strings.TrimPrefix(host, "["), "]"); found {
		if ip, err := netip.ParseAddr(address); err != nil || !ip.Is6() {
			return "", false
		}
	}
	return host, true
}
