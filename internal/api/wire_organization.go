package api

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// shape is what the fields of an organization depend on: the version of the API, and whether the server is in strict mode.
type shape struct {
	version string
	strict  bool
}

// shape returns the shape of organizations in the answer to a request.
func (a *api) shape(c *call) shape { return shape{c.Version(), a.StrictPolar} }

// organization converts an organization. The fields for billing have the values of an organization without products.
func (s shape) organization(o directory.Organization) polar.Organization {
	w := polar.Organization{
		CreatedAt: o.CreatedAt, ID: polar.OrganizationID(o.ID.String()), Name: o.Name, Slug: o.Slug, AvatarURL: wirejson.OrNull(o.Portal.LogoURL),
		ProrationBehavior: proration, AllowCustomerUpdates: true,
		Socials: []polar.OrganizationSocialLink{}, Status: polar.OrganizationCreated,
		DefaultPresentmentCurrency: "usd", DefaultTaxBehavior: "location",
		FeatureSettings:        s.features(o),
		SubscriptionSettings:   subscriptionSettings,
		CustomerEmailSettings:  customerEmailSettings,
		CustomerPortalSettings: s.portalSettings(o),
		EmbedHosts:             []string{},
		EmbedHostsEnforced:     true,
		AccountID:              accountID(o),
		Capabilities:           polar.OrganizationCapabilities{APIAccess: true, DashboardAccess: true},
		NotificationSettings:   notificationSettings,
	}
	if !s.strict {
		w.ProfileSettings = &polar.OrganizationProfileSettings{}
	}
	return w
}

// customerOrganization converts an organization to what customers see.
func (s shape) customerOrganization(o directory.Organization) polar.CustomerOrganizationData {
	w := polar.CustomerOrganization{
		CreatedAt: o.CreatedAt, ID: polar.OrganizationID(o.ID.String()), Name: o.Name, Slug: o.Slug, AvatarURL: wirejson.OrNull(o.Portal.LogoURL),
		ProrationBehavior: proration, AllowCustomerUpdates: true,
		Socials: []polar.OrganizationSocialLink{}, Status: polar.OrganizationCreated,
		FeatureSettings:        s.features(o),
		SubscriptionSettings:   subscriptionSettings,
		CustomerEmailSettings:  customerEmailSettings,
		CustomerPortalSettings: s.portalSettings(o),
		OrganizationFeatures:   polar.CustomerOrganizationFeatures{MemberModel: s.memberModel(o)},
	}
	if !s.strict {
		w.NotificationSettings, w.ProfileSettings = &notificationSettings, &polar.OrganizationProfileSettings{}
	}
	return polar.CustomerOrganizationData{Organization: w, Products: []json.RawMessage{}}
}

// The settings that Polar gives a new organization.
const proration = "prorate"

var (
	subscriptionSettings  = polar.OrganizationSubscriptionSettings{ProrationBehavior: proration, AllowCustomerUpdates: true}
	customerEmailSettings = polar.OrganizationCustomerEmailSettings{
		OrderConfirmation: true, PaymentMethodExpirationReminder: true, SubscriptionCancellation: true, SubscriptionConfirmation: true,
		SubscriptionCycled: true, SubscriptionCycledAfterTrial: true, SubscriptionPastDue: true, SubscriptionPaused: true,
		SubscriptionResumed: true, SubscriptionRenewalReminder: true, SubscriptionRevoked: true, SubscriptionTrialConversion: true,
		SubscriptionUncanceled: true, SubscriptionUpdated: true,
	}
	notificationSettings = polar.OrganizationNotificationSettings{NewOrder: true, NewSubscription: true, ChargebackPrevention: true}
)

func (s shape) features(o directory.Organization) *polar.OrganizationFeatureSettings {
	return &polar.OrganizationFeatureSettings{MemberModel: s.memberModel(o), SeatBasedPricing: o.MemberModel}
}

// memberModel returns nil from the version on that does not have the field.
func (s shape) memberModel(o directory.Organization) *bool {
	if s.version >= polar.Version202701 {
		return nil
	}
	return &o.MemberModel
}

func (s shape) portalSettings(o directory.Organization) polar.OrganizationPortalSettings {
	w := polar.OrganizationPortalSettings{
		Usage:        polar.PortalUsageSettings{Show: true},
		Subscription: polar.PortalSubscriptionSettings{UpdateSeats: true, UpdatePlan: true},
		Customer:     polar.PortalCustomerSettings{AllowEmailChange: o.EmailChange},
	}
	if s.version >= polar.Version202701 {
		w.Subscription.UpdateUnits = new(true)
	}
	return w
}

// accountID returns an id for the account that every organization has on Polar. It names nothing on this server.
func accountID(o directory.Organization) *string {
	sum := sha256.Sum256([]byte("account of " + o.ID.String()))
	var id token.ID
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4
	text := id.String()
	return &text
}
