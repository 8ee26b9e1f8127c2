package polar

import "context"

// Client has every operation, grouped as Polar's documentation groups them. Make one with [New], and share it: it is
// safe for concurrent use, and keeps connections open between calls.
type Client struct {
	// CustomerPortal holds what the holder of a session can do.
	CustomerPortal CustomerPortalService
}

// CustomerPortalService groups the operations under /v1/customer-portal.
type CustomerPortalService struct {
	// CustomerSession is about the session itself.
	CustomerSession PortalCustomerSessionService
}

// PortalCustomerSessionService groups the operations under /v1/customer-portal/customer-session.
type PortalCustomerSessionService struct {
	core *Core
}

// New makes a client. It does no I/O, starts nothing and reads no environment; the only error is an option with a bad
// value.
func New(opts ...Option) (*Client, error) {
	core, err := NewCore(opts...)
	if err != nil {
		return nil, err
	}
	return &Client{CustomerPortal: CustomerPortalService{
		CustomerSession: PortalCustomerSessionService{core: core},
	}}, nil
}

// Introspect asks the server about the session that a token opens. It is [IntrospectCustomerSession].
func (s PortalCustomerSessionService) Introspect(ctx context.Context, security SessionSecurity, opts ...Option) (*CustomerCustomerSession, error) {
	return IntrospectCustomerSession(ctx, s.core, security, opts...)
}
