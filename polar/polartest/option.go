package polartest

import (
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/server"
)

// Option changes what [New] starts.
type Option func(*options) error

type options struct {
	config       server.Config
	organization directory.NewOrganization
}

// WithoutMembers issues sessions to customers (polar_cst_), as for older organizations on Polar, instead of members of customers
// (polar_mst_).
func WithoutMembers() Option {
	return func(o *options) error { o.organization.MemberModel = false; return nil }
}

// WithRateLimits limits the requests of each caller, in the format of postern.Config.RateLimits, such as
// "login=6/m+12/h,default=500/m". "" sets the limits of Polar's production server. Default: no limits.
func WithRateLimits(limits string) Option {
	return func(o *options) (err error) {
		o.config.RateLimits, err = server.ParseRateLimits(limits)
		return err
	}
}
