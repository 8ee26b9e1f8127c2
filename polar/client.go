package polar

import "slices"

// Client has every operation, grouped as Polar's documentation groups them. Make one with [New], and share it: it is
// safe for concurrent use, and keeps connections open between calls.
type Client struct {
	// What an organization does with its access token ([WithAccessToken]).

	// CustomerSessions are the sessions that the organization issues.
	CustomerSessions CustomerSessionsService
	// Customers are those who buy from the organization; with Customers.Members, the people who act for each.
	Customers CustomersService
	// Members are the members of all customers.
	Members MembersService
	// Organizations is the organization itself.
	Organizations OrganizationsService
	// OrganizationAccessTokens are what lets the organization's servers in.
	OrganizationAccessTokens OrganizationAccessTokensService
	// Webhooks are where the organization hears of events.
	Webhooks WebhooksService
	// OAuth2 speaks of sessions in the words of OAuth 2.0.
	OAuth2 OAuth2Service

	// CustomerPortal holds what the holder of a session can do.
	CustomerPortal CustomerPortalService

	// Server is what anybody may ask the server of itself.
	Server ServerService
}

// CustomerPortalService groups the operations under /v1/customer-portal.
type CustomerPortalService struct {
	// CustomerSession is about the session itself, and how to get one by email.
	CustomerSession PortalCustomerSessionService
	// CustomerSessions are all sessions of the holder.
	CustomerSessions PortalCustomerSessionsService
	// Customers is the customer of the session.
	Customers PortalCustomersService
	// Members are those who act for the customer of the session.
	Members PortalMembersService
	// Organizations are what customers see of an organization, without a session.
	Organizations PortalOrganizationsService

	core *Core
}

// New makes a client. It does no I/O, starts nothing and reads no environment; the only error is an option with a bad
// value.
func New(opts ...Option) (*Client, error) {
	core, err := NewCore(opts...)
	if err != nil {
		return nil, err
	}
	return &Client{
		CustomerSessions:         CustomerSessionsService{core},
		Customers:                CustomersService{Members: CustomerMembersService{core}, core: core},
		Members:                  MembersService{core},
		Organizations:            OrganizationsService{core},
		OrganizationAccessTokens: OrganizationAccessTokensService{core},
		Webhooks:                 WebhooksService{core},
		OAuth2:                   OAuth2Service{core},
		CustomerPortal: CustomerPortalService{
			CustomerSession:  PortalCustomerSessionService{core},
			CustomerSessions: PortalCustomerSessionsService{core},
			Customers:        PortalCustomersService{core},
			Members:          PortalMembersService{core},
			Organizations:    PortalOrganizationsService{core},
			core:             core,
		},
		Server: ServerService{core},
	}, nil
}

// AsksPolar reports whether the client asks Polar itself, the production or the sandbox server, and not another one that speaks
// its wire. Options of single calls are not looked at.
func (c *Client) TargetsPolar() bool {
	core := c.Server.core
	return core != nil && core.config != nil && slices.Contains([]string{productionHost, sandboxHost}, core.config.server.Hostname())
}
