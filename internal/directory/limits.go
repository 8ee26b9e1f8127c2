package directory

import (
	"fmt"

	"github.com/postern-go/postern/internal/fault"
)

// Limits are the quotas of a server: how many objects of a kind one organization or customer can have, so that no organization
// can exhaust the server. 0 means no limit. Limits of the size of a single object, such as the keys of metadata, are constants.
type Limits struct {
	// Members is the maximum number of members of a customer.
	Members int
	// Endpoints is the maximum number of webhook endpoints of an organization.
	Endpoints int
	// AccessTokens is the maximum number of live access tokens of an organization.
	AccessTokens int
	// Sessions is the maximum number of live sessions of an organization.
	Sessions int
	// MetadataFilters is the maximum number of metadata values in one list of customers.
	MetadataFilters int
}

// DefaultLimits returns the limits of a server without configured quotas.
func DefaultLimits() Limits {
	return Limits{Members: 1000, Endpoints: 10, AccessTokens: 1000, Sessions: 1_000_000, MetadataFilters: 10}
}

// PolarLimits returns the limits of strict mode. Polar has none of these.
func PolarLimits() Limits { return Limits{} }

// counted counts err in the metrics if it is fault.QuotaExceeded, and returns it. quota is the name in --quotas.
func (d *Service) counted(quota string, err error) error {
	if fault.Is(err, fault.QuotaExceeded) {
		d.metrics.QuotaExceeded(quota)
	}
	return err
}

// OverQuota returns the error of a create beyond a limit. whose is "customer" or "organization", what names the objects, such as
// "members", and remedy is a sentence that tells the caller what to do.
func OverQuota(whose string, limit int, what, remedy string) error {
	return fault.New(fault.QuotaExceeded, fmt.Sprintf("This %s already has %d %s, which is the maximum. %s", whose, limit, what, remedy))
}

// Limits that the API, the pages and this package enforce.
const (
	// MaxName is the maximum length of a name of an organization, a customer, a member or an endpoint, in characters.
	MaxName = 256
	// MaxEmail is the maximum length of an email address, in bytes (RFC 5321, section 4.5.3.1.3).
	MaxEmail = 254
	// MaxDomain is the maximum length of a domain name, in bytes (RFC 1035, section 2.3.4).
	MaxDomain = 253
	// MaxURL is the maximum length of a URL, in characters. Polar's validation library, Pydantic, has the same limit.
	MaxURL = 2083
	// MaxMaxSessions is the highest limit of live sessions per customer that a policy can set.
	MaxMaxSessions = 1000
)
