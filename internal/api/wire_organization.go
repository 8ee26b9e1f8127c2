package api

import (
	"encoding/json"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// wireOrganization converts an organization. The fields for billing have the values of an organization without products.
func wireOrganization(o directory.Organization) polar.Organization {
	return polar.Organization{
		CreatedAt: o.CreatedAt, ID: polar.OrganizationID(o.ID.String()), Name: o.Name, Slug: o.Slug, AvatarURL: wirejson.OrNull(o.Portal.LogoURL),
		ProrationBehavior: "prorate", AllowCustomerUpdates: true,
		Socials: []polar.OrganizationSocialLink{}, Status: polar.OrganizationActive,
		DefaultPresentmentCurrency: "usd", DefaultTaxBehavior: "location",
		FeatureSettings: &polar.OrganizationFeatureSettings{
			MemberModel: o.MemberModel, SeatBasedPricing: o.MemberModel, OverviewMetrics: []string{},
		},
		SubscriptionSettings:   polar.OrganizationSubscriptionSettings{ProrationBehavior: "prorate", AllowCustomerUpdates: true},
		CustomerPortalSettings: portalSettings(o),
		EmbedHosts:             []string{},
		Capabilities:           polar.OrganizationCapabilities{APIAccess: true, DashboardAccess: true},
	}
}

func wireCustomerOrganization(o directory.Organization) polar.CustomerOrganizationData {
	return polar.CustomerOrganizationData{
		Organization: polar.CustomerOrganization{
			CreatedAt: o.CreatedAt, ID: polar.OrganizationID(o.ID.String()), Name: o.Name, Slug: o.Slug, AvatarURL: wirejson.OrNull(o.Portal.LogoURL),
			ProrationBehavior: "prorate", AllowCustomerUpdates: true,
			CustomerPortalSettings: portalSettings(o),
			OrganizationFeatures:   polar.CustomerOrganizationFeatures{MemberModel: o.MemberModel},
		},
		Products: []json.RawMessage{},
	}
}

func portalSettings(o directory.Organization) polar.OrganizationPortalSettings {
	return polar.OrganizationPortalSettings{Customer: polar.PortalCustomerSettings{AllowEmailChange: o.EmailChange}}
}
