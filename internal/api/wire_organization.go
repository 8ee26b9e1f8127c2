package api

import (
	"crypto/sha256"
	"encoding/json"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// wireOrganization converts an organization. The fields for billing have the values of an organization without products.
func wireOrganization(o directory.Organization) polar.Organization {
	return polar.Organization{
		CreatedAt: o.CreatedAt, ID: polar.OrganizationID(o.ID.String()), Name: o.Name, Slug: o.Slug, AvatarURL: wirejson.OrNull(o.Portal.LogoURL),
		ProrationBehavior: proration, AllowCustomerUpdates: true,
		Socials: []polar.OrganizationSocialLink{}, Status: polar.OrganizationCreated,
		DefaultPresentmentCurrency: "usd", DefaultTaxBehavior: "location",
		FeatureSettings:        featureSettings(o),
		SubscriptionSettings:   subscriptionSettings,
		CustomerEmailSettings:  customerEmailSettings,
		CustomerPortalSettings: portalSettings(o),
		EmbedHosts:             []string{},
		EmbedHostsEnforced:     true,
		AccountID:              accountID(o),
		Capabilities:           polar.OrganizationCapabilities{APIAccess: true, DashboardAccess: true},
		NotificationSettings:   polar.OrganizationNotificationSettings{NewOrder: true, NewSubscription: true, ChargebackPrevention: true},
	}
}

func wireCustomerOrganization(o directory.Organization) polar.CustomerOrganizationData {
	return polar.CustomerOrganizationData{
		Organization: polar.CustomerOrganization{
			CreatedAt: o.CreatedAt, ID: polar.OrganizationID(o.ID.String()), Name: o.Name, Slug: o.Slug, AvatarURL: wirejson.OrNull(o.Portal.LogoURL),
			ProrationBehavior: proration, AllowCustomerUpdates: true,
			Socials: []polar.OrganizationSocialLink{}, Status: polar.OrganizationCreated,
			FeatureSettings:        featureSettings(o),
			SubscriptionSettings:   subscriptionSettings,
			CustomerEmailSettings:  customerEmailSettings,
			CustomerPortalSettings: portalSettings(o),
			OrganizationFeatures:   polar.CustomerOrganizationFeatures{MemberModel: o.MemberModel},
		},
		Products: []json.RawMessage{},
	}
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
)

func featureSettings(o directory.Organization) *polar.OrganizationFeatureSettings {
	return &polar.OrganizationFeatureSettings{MemberModel: o.MemberModel, SeatBasedPricing: o.MemberModel}
}

func portalSettings(o directory.Organization) polar.OrganizationPortalSettings {
	return polar.OrganizationPortalSettings{
		Usage:        polar.PortalUsageSettings{Show: true},
		Subscription: polar.PortalSubscriptionSettings{UpdateSeats: true, UpdatePlan: true},
		Customer:     polar.PortalCustomerSettings{AllowEmailChange: o.EmailChange},
	}
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
