package polar

import (
	"slices"
	"strings"
)

// Client calls the API of Polar or of a Postern server. Its fields group the operations as Polar's documentation does.
// Create a Client with [New] and share it: a Client is safe for concurrent use and reuses connections.
type Client struct {
	// The following services need an organization's access token; see [WithAccessToken].

	// CustomerSessions creates, lists and revokes the sessions of the organization's customers.
	CustomerSessions CustomerSessionsService
	// Customers manages the organization's customers. Customers.Members manages the members of one customer.
	Customers CustomersService
	// Members lists the members of all customers.
	Members MembersService
	// Organizations reads the organization and its settings.
	Organizations OrganizationsService
	// OrganizationAccessTokens manages the organization's access tokens.
	OrganizationAccessTokens OrganizationAccessTokensService
	// Webhooks manages the endpoints that receive the organization's events.
	Webhooks WebhooksService
	// AuditLog reads who changed what in the organization. Polar has no audit log.
	AuditLog AuditLogService
	// OAuth2 introspects and revokes session tokens with the endpoints of OAuth 2.0.
	OAuth2 OAuth2Service

	// CustomerPortal groups what a customer or member can do with a session token.
	CustomerPortal CustomerPortalService

	// Server reads a server's health and OpenAPI document. It needs no credential.
	Server ServerService
}

// CustomerPortalService groups the operations under /v1/customer-portal. Most operations need a session token.
type CustomerPortalService struct {
	// CustomerSession introspects a session, signs out, and logs in with a code sent by email.
	CustomerSession PortalCustomerSessionService
	// CustomerSessions lists and revokes the sessions of the holder: the customer or member whose session token is sent.
	CustomerSessions PortalCustomerSessionsService
	// Customers reads and changes the customer that the session belongs to.
	Customers PortalCustomersService
	// Members manages the members of the customer that the session belongs to.
	Members PortalMembersService
	// Organizations reads what customers may see of an organization. It needs no credential.
	Organizations PortalOrganizationsService

	core *Core
}

// New returns a client for Polar's production server, unless [WithServer] or [WithServerURL] selects another one. New
// does no I/O, starts no goroutine and reads no environment variable. It returns an error only if an option has an
// invalid value.
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
		AuditLog:                 AuditLogService{core},
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

// TargetsPolar reports whether the client sends its requests to Polar's production or sandbox server. It is false for any other
// server, such as a Postern server. Options of single calls do not change the result.
func (c *Client) TargetsPolar() bool {
	core := c.Server.core
	return core != nil && core.config != nil && slices.Contains([]string{productionHost, sandboxHost}, core.config.server.Hostname())
}

// HasAccessToken reports whether the client has a credential for the operations of an organization; see
// [WithAccessToken]. Options of single calls have no influence.
func (c *Client) HasAccessToken() bool { return c.accessToken() != "" }

// HasOrganizationToken reports whether the client's access token has the prefix of organization access tokens,
// polar_oat_. Other access tokens belong to a user, who can have several organizations.
func (c *Client) HasOrganizationToken() bool {
	return strings.HasPrefix(c.accessToken(), "polar_oat_")
}

func (c *Client) accessToken() string {
	if core := c.Server.core; core != nil && core.config != nil {
		return core.config.accessToken
	}
	return ""
}
