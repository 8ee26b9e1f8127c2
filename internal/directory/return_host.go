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

// AllowsReturn reports whether a page may lead back to an address that it has from whoever asks for the page, such as the
// return_url of a login: one on http or https, without credentials, at one of the ReturnHosts. Where there are none, it is
// false: anybody can write a link to a page, and nobody vouches for what is in it.
func (p PortalSettings) AllowsReturn(u *url.URL) bool {
	return isPlain(u) && slices.ContainsFunc(p.ReturnHosts, func(pattern string) bool { return hostMatches(pattern, u) })
}

// CheckReturn yields fault.RuleViolated for an address outside the ReturnHosts. Where there are none, it takes any, and "" it
// takes always: it is for addresses that the organization itself has sent.
func (p PortalSettings) CheckReturn(address string) error {
	if f := p.returnFlaw(address); f != nil {
		return fault.Rule(*f)
	}
	return nil
}

func (p PortalSettings) returnFlaw(address string) *fault.Field {
	if address == "" || len(p.ReturnHosts) == 0 {
		return nil
	}
	if u, err := url.Parse(address); err == nil && p.AllowsReturn(u) {
		return nil
	}
	f := refused("return_url", "The organization lets nobody return elsewhere than to "+strings.Join(p.ReturnHosts, ", ")+
		", on http or https and without credentials.", text(&address))
	return &f
}

// isPlain reports whether an address is on http or https, without credentials, and at a host that everybody reads as the same.
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

// The bounds of a list of hosts, and of one with its port.
const (
	maxReturnHosts = 100
	maxHost        = MaxDomain + len(":65535")
)

// spellHosts puts the hosts into lower case, or says which of them is none.
func (p *PortalSettings) spellHosts() *fault.Field {
	if len(p.ReturnHosts) > maxReturnHosts {
		f := refused("return_hosts", fmt.Sprintf("There are too many hosts. An organization can have up to %d.", maxReturnHosts), nil)
		return &f
	}
	var hosts []string
	for i, host := range p.ReturnHosts {
		lower := strings.ToLower(host)
		if len(lower) > maxHost || !returnHosts.MatchString(lower) {
			return &fault.Field{Type: "value_error", Name: []any{"return_hosts", i}, Input: text(&host),
				Msg: "A host is written as in an address, such as app.example.com, localhost:3000 or *.example.com."}
		}
		hosts = append(hosts, lower)
	}
	p.ReturnHosts = hosts
	return nil
}
