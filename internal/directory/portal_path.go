package directory

import (
	"net/url"
	"strings"
)

// PortalRoute is the path of an organization's portal, below the public URL.
const PortalRoute = "/{slug}/portal"

// PortalPath returns the path of an organization's portal, or of one of its pages, such as /acme/portal/settings.
func PortalPath(slug string, page ...string) string {
	return strings.Join(append([]string{strings.Replace(PortalRoute, "{slug}", url.PathEscape(slug), 1)}, page...), "/")
}

// ParsePortalPath splits a path into the organization's slug and the page, without slashes around it. It reports false if the
// path is not one of a portal.
func ParsePortalPath(path string) (slug, page string, ok bool) {
	parts := strings.SplitN(path, "/", 4)
	if len(parts) < 3 || parts[0] != "" || parts[1] == "" || parts[2] != "portal" || ReservedSlug(parts[1]) {
		return "", "", false
	}
	return parts[1], strings.Trim(strings.Join(parts[3:], ""), "/"), true
}
