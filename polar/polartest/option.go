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

// WithoutMembers gives sessions to customers themselves (polar_cst_), as for organizations that are older on Polar, instead of to
// their members (polar_mst_).
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
