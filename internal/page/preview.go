package page

import "strings"

// IsPreview reports whether a browser loads the page in advance or for a preview picture, before a person opens it
// (Sec-Purpose of the Fetch standard, and its predecessors).
func (r *Request) IsPreview() bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		purpose := strings.ToLower(r.Request.Header.Get(name))
		if strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview") {
			return true
		}
	}
	return false
}
