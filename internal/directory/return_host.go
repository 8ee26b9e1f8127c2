package directory

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// AllowsReturn reports whether a page may link to an address from an untrusted source, such as the return_url of a login. The
// address must be an http or https URL without credentials, and its host one of the ReturnHosts. If ReturnHosts is empty, no
// address is allowed, because an attacker could have chosen the address.
func (p PortalSettings) AllowsReturn(u *url.URL) bool {
	return isPlain(u) && slices.ContainsFunc(p.ReturnHosts, func(pattern string) bool { return hostMatches(pattern, u) })
}

// CheckReturn returns fault.RuleViolated for an address whose host is not in ReturnHosts. It checks addresses that the
// organization's own servers send. It allows "", and every address if ReturnHosts is empty.
func (p PortalSettings) CheckReturn(address string) error {
	if f := p.returnProblem(address); f != nil {
		return fault.Rule(*f)
	}
	return nil
}

func (p PortalSettings) returnProblem(address string) *fault.Field {
	if address == "" || len(p.ReturnHosts) == 0 {
		return nil
	}
	if u, err := url.Parse(address); err == nil && p.AllowsReturn(u) {
		return nil
	}
	f := refused("return_url", "The return URL must be an http or https URL without credentials at one of these hosts: "+strings.Join(p.ReturnHosts, ", ")+".", address)
	return &f
}

// isPlain reports whether an address is an http or https URL, without credentials, with a host that every browser parses in
// the same way.
func isPlain(u *url.URL) bool {
	return u != nil && (u.Scheme == "http" || u.Scheme == "https") && u.Opaque == "" && u.User == nil && u.Hostname() != "" && plainHost.MatchString(u.Host)
}

var (
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.\-:\[\]_]+$`)
	returnHosts = regexp.MustCompile(`^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[0-9]{1,5})?$`)
)

func hostMatches(pattern string, u *url.URL) bool {
	own := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	host, port, _ := strings.Cut(pattern, ":")
	if cmp.Or(port, own) != cmp.Or(u.Port(), own) {
		return false
	}
	name := strings.ToLower(u.Hostname())
	if domain, below := strings.CutPrefix(host, "*"); below {
		return len(name) > len(domain) && strings.HasSuffix(name, domain)
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
	if len(p.ReturnHosts) > maxReturnHosts {
		f := refused("return_hosts", fmt.Sprintf("There are too many hosts. An organization can have up to %d.", maxReturnHosts), nil)
		return &f
	}
	var hosts []string
	for i, host := range p.ReturnHosts {
		lower := strings.ToLower(host)
		if len(lower) > maxHost || !returnHosts.MatchString(lower) {
			return &fault.Field{Type: "value_error", Name: []any{"return_hosts", i}, Input: toJSON(host),
				Msg: "A host is written as in an address, such as app.example.com, localhost:3000 or *.example.com."}
		}
		hosts = append(hosts, lower)
	}
	p.ReturnHosts = hosts
	return nil
}
