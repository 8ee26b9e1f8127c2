package polartest

import "github.com/postern-go/postern"

// Option changes what [New] starts.
type Option func(*options)

type options struct {
	config       postern.Config
	organization postern.NewOrganization
}

// WithoutMembers gives sessions to customers themselves (polar_cst_), as for organizations that are older on Polar, instead of to
// their members (polar_mst_).
func WithoutMembers() Option {
	return func(o *options) { o.organization.WithoutMembers = true }
}

// WithRateLimits limits how often a caller may ask; postern.RateLimits{} is as often as Polar's production server allows.
// Without it there is no limit.
func WithRateLimits(limits postern.RateLimits) Option {
	return func(o *options) { o.config.RateLimits = limits }
}
