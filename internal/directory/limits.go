package directory

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
