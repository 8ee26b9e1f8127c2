package polar

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// API versions for [WithAPIVersion]. Polar adds a version each quarter and removes the oldest. Customer sessions are the
// same in all of them.
const (
	Version202604 = "2026-04"
	Version202610 = "2026-10"
	Version202701 = "2027-01"

	// DefaultAPIVersion is the version that a client requests without WithAPIVersion. A later version of this package
	// can have another default.
	DefaultAPIVersion = Version202610
)

const versionHeader = "Polar-Version"

// WithAPIVersion selects a version of the API, written as year and month, with the header Polar-Version. Default:
// [DefaultAPIVersion]. With an empty version, the client sends no header and the server selects the version; its choice
// changes over time. A version that the server does not have is [ErrAPIVersion].
func WithAPIVersion(version string) Option {
	return func(c *config) error {
		if version == "" {
			delete(c.header, versionHeader)
			return nil
		}
		if t, err := time.Parse("2006-01", version); err != nil || t.Format("2006-01") != version {
			return fmt.Errorf("polar: WithAPIVersion: %q is not a year and month such as %q", version, DefaultAPIVersion)
		}
		c.header[versionHeader] = []string{version}
		return nil
	}
}

// WithOrganization names the organization of a call with the header Polar-Organization. It selects an organization if
// the access token is a personal or OAuth token of Polar. An organization's access token needs no such option: the
// server returns [ErrInvalidToken] if the token belongs to another organization.
func WithOrganization(id OrganizationID) Option {
	return func(c *config) error {
		if id == "" || !isHeaderValue(string(id)) {
			return errors.New("polar: WithOrganization: the organization is empty or contains a control character")
		}
		c.header[organizationHeader] = []string{string(id)}
		return nil
	}
}

const organizationHeader = "Polar-Organization"

// isUnknownVersion reports whether a server refused the API version of a request. Such a response comes from before the
// routes: it has no Polar-Version, unlike the 404 of a route or an object.
func (e *Error) isUnknownVersion(h http.Header) bool {
	return e.StatusCode == http.StatusNotFound && h.Get(versionHeader) == "" && e.Code == "" && e.Message == "Not Found"
}
