package polar

import (
	"encoding/json"
	"time"
)

// Organization is an organization that sells to customers. On a Postern server, all fields about billing have their
// default values.
//
// Route: GET /v1/organizations/{id}.
type Organization struct {
	CreatedAt                       time.Time                         `json:"created_at"`
	ModifiedAt                      *time.Time                        `json:"modified_at"`
	ID                              OrganizationID                    `json:"id"`
	Name                            string                            `json:"name"`
	Slug                            string                            `json:"slug"`
	AvatarURL                       *string                           `json:"avatar_url"`
	ProrationBehavior               string                            `json:"proration_behavior"`
	AllowCustomerUpdates            bool                              `json:"allow_customer_updates"`
	Bio                             *string                           `json:"bio"` // Bio and the fields until DefaultUpfrontSplit are of an earlier product of Polar. Postern answers null, 0 and false.
	Company                         *string                           `json:"company"`
	Blog                            *string                           `json:"blog"`
	Location                        *string                           `json:"location"`
	TwitterUsername                 *string                           `json:"twitter_username"`
	PledgeMinimumAmount             int                               `json:"pledge_minimum_amount"`
	PledgeBadgeShowAmount           bool                              `json:"pledge_badge_show_amount"`
	DefaultUpfrontSplit             *int                              `json:"default_upfront_split_to_contributors"`
	Email                           *string                           `json:"email"`
	Website                         *string                           `json:"website"`
	Socials                         []OrganizationSocialLink          `json:"socials"`
	Status                          OrganizationStatus                `json:"status"`
	DetailsSubmittedAt              *time.Time                        `json:"details_submitted_at"`
	OnboardingResubmissionRequested *time.Time                        `json:"onboarding_resubmission_requested_at"`
	SSOEnforced                     bool                              `json:"sso_enforced"`
	DefaultPresentmentCurrency      string                            `json:"default_presentment_currency"`
	DefaultTaxBehavior              string                            `json:"default_tax_behavior"`
	FeatureSettings                 *OrganizationFeatureSettings      `json:"feature_settings"`
	SubscriptionSettings            OrganizationSubscriptionSettings  `json:"subscription_settings"`
	CustomerEmailSettings           OrganizationCustomerEmailSettings `json:"customer_email_settings"`
	CustomerPortalSettings          OrganizationPortalSettings        `json:"customer_portal_settings"`
	DisputeSettings                 OrganizationDisputeSettings       `json:"dispute_settings"`
	EmbedHosts                      []string                          `json:"embed_hosts"`
	EmbedHostsEnforced              bool                              `json:"embed_hosts_enforced"`
	Country                         *string                           `json:"country"`
	AccountID                       *string                           `json:"account_id"`
	PayoutAccountID                 *string                           `json:"payout_account_id"`
	Capabilities                    OrganizationCapabilities          `json:"capabilities"`
	NotificationSettings            OrganizationNotificationSettings  `json:"notification_settings"`
	// ProfileSettings is of an earlier product of Polar. Postern answers defaults, for old clients. Polar does not answer the
	// field, so it is nil.
	ProfileSettings *OrganizationProfileSettings `json:"profile_settings,omitempty"`
}

func (o *Organization) check() error { return requireText("id", o.ID) }

// OrganizationProfileSettings are the settings of a public profile, which organizations no longer have.
type OrganizationProfileSettings struct {
	Enabled bool `json:"enabled"` // false
}

// OrganizationSocialLink is an organization's profile on another platform.
type OrganizationSocialLink struct {
	Platform string `json:"platform"`
	URL      string `json:"url"`
}

// OrganizationFeatureSettings lists the features that are enabled for an organization.
type OrganizationFeatureSettings struct {
	IssueFunding     bool `json:"issue_funding_enabled"`
	SeatBasedPricing bool `json:"seat_based_pricing_enabled"`
	UnitBasedPricing bool `json:"unit_based_pricing_enabled"`
	Wallets          bool `json:"wallets_enabled"`
	// MemberModel is nil in the version 2027-01 and later versions of the API, which do not have the field.
	MemberModel            *bool     `json:"member_model_enabled,omitempty"`
	CheckoutLocalization   bool      `json:"checkout_localization_enabled"`
	OverviewMetrics        *[]string `json:"overview_metrics"` // nil if the organization has not chosen any
	ResetProrationBehavior bool      `json:"reset_proration_behavior_enabled"`
	OffSessionCharges      bool      `json:"off_session_charges_enabled"`
	MeterCycling           bool      `json:"meter_cycling_enabled"`
	SlackBenefit           bool      `json:"slack_benefit_enabled"`
	PreviewAccess          bool      `json:"preview_access_enabled"`
	Disputes               bool      `json:"disputes_enabled"`
	SSO                    bool      `json:"sso_enabled"`
	DisputeAutoAccept      bool      `json:"dispute_auto_accept_enabled"`
	Compass                bool      `json:"compass_enabled"`
	MerchantMigration      bool      `json:"merchant_migration_enabled"`
}

// OrganizationSubscriptionSettings are an organization's settings for subscriptions.
type OrganizationSubscriptionSettings struct {
	AllowMultipleSubscriptions bool   `json:"allow_multiple_subscriptions"`
	ProrationBehavior          string `json:"proration_behavior"`
	// BenefitRevocationGracePeriod is a number of days.
	BenefitRevocationGracePeriod int  `json:"benefit_revocation_grace_period"`
	PreventTrialAbuse            bool `json:"prevent_trial_abuse"`
	AllowCustomerUpdates         bool `json:"allow_customer_updates"`
}

// OrganizationCustomerEmailSettings lists the emails about billing that customers receive.
type OrganizationCustomerEmailSettings struct {
	OrderConfirmation               bool `json:"order_confirmation"`
	PaymentMethodExpirationReminder bool `json:"payment_method_expiration_reminder"`
	SubscriptionCancellation        bool `json:"subscription_cancellation"`
	SubscriptionConfirmation        bool `json:"subscription_confirmation"`
	SubscriptionCycled              bool `json:"subscription_cycled"`
	SubscriptionCycledAfterTrial    bool `json:"subscription_cycled_after_trial"`
	SubscriptionPastDue             bool `json:"subscription_past_due"`
	SubscriptionPaused              bool `json:"subscription_paused"`
	SubscriptionResumed             bool `json:"subscription_resumed"`
	SubscriptionRenewalReminder     bool `json:"subscription_renewal_reminder"`
	SubscriptionRevoked             bool `json:"subscription_revoked"`
	SubscriptionTrialConversion     bool `json:"subscription_trial_conversion_reminder"`
	SubscriptionUncanceled          bool `json:"subscription_uncanceled"`
	SubscriptionUpdated             bool `json:"subscription_updated"`
}

// OrganizationPortalSettings controls what customers can do in the portal.
type OrganizationPortalSettings struct {
	Usage        PortalUsageSettings        `json:"usage"`
	Subscription PortalSubscriptionSettings `json:"subscription"`
	Customer     PortalCustomerSettings     `json:"customer"`
}

// PortalUsageSettings controls whether the portal shows usage.
type PortalUsageSettings struct {
	Show bool `json:"show"`
}

// PortalSubscriptionSettings controls how customers can change their subscriptions.
type PortalSubscriptionSettings struct {
	UpdateSeats bool `json:"update_seats"`
	UpdatePlan  bool `json:"update_plan"`
	// UpdateUnits is nil in versions of the API before 2027-01, which do not have the field.
	UpdateUnits *bool `json:"update_units,omitempty"`
	// Pause is nil if the organization has not set it.
	Pause *bool `json:"pause,omitempty"`
}

// PortalCustomerSettings controls what customers can change about themselves.
type PortalCustomerSettings struct {
	AllowEmailChange bool `json:"allow_email_change"`
}

// OrganizationDisputeSettings controls how disputes are handled.
type OrganizationDisputeSettings struct {
	// AutoAcceptBelowAmount is an amount in cents; nil means that no dispute is accepted automatically.
	AutoAcceptBelowAmount *int `json:"auto_accept_below_amount"`
}

// OrganizationCapabilities lists what an organization is allowed to do.
type OrganizationCapabilities struct {
	CheckoutPayments     bool `json:"checkout_payments"`
	SubscriptionRenewals bool `json:"subscription_renewals"`
	Payouts              bool `json:"payouts"`
	Refunds              bool `json:"refunds"`
	APIAccess            bool `json:"api_access"`
	DashboardAccess      bool `json:"dashboard_access"`
}

// OrganizationNotificationSettings lists the emails about sales that an organization's users receive.
type OrganizationNotificationSettings struct {
	NewOrder             bool `json:"new_order"`
	NewSubscription      bool `json:"new_subscription"`
	ChargebackPrevention bool `json:"chargeback_prevention"`
	SubscriptionRenewal  bool `json:"subscription_renewal"`
}

// CustomerOrganizationData is an organization and its products as shown to customers.
//
// Route: GET /v1/customer-portal/organizations/{slug}.
type CustomerOrganizationData struct {
	Organization CustomerOrganization `json:"organization"`
	// Products are Polar's product objects. The list is empty on a Postern server.
	Products []json.RawMessage `json:"products"`
}

func (d *CustomerOrganizationData) check() error {
	return requireText("organization.id", d.Organization.ID)
}

// CustomerOrganization is an organization as shown to customers.
type CustomerOrganization struct {
	CreatedAt              time.Time                         `json:"created_at"`
	ModifiedAt             *time.Time                        `json:"modified_at"`
	ID                     OrganizationID                    `json:"id"`
	Name                   string                            `json:"name"`
	Slug                   string                            `json:"slug"`
	AvatarURL              *string                           `json:"avatar_url"`
	ProrationBehavior      string                            `json:"proration_behavior"`
	AllowCustomerUpdates   bool                              `json:"allow_customer_updates"`
	Bio                    *string                           `json:"bio"` // Bio and the fields until DefaultUpfrontSplit are of an earlier product of Polar. Postern answers null, 0 and false.
	Company                *string                           `json:"company"`
	Blog                   *string                           `json:"blog"`
	Location               *string                           `json:"location"`
	TwitterUsername        *string                           `json:"twitter_username"`
	PledgeMinimumAmount    int                               `json:"pledge_minimum_amount"`
	PledgeBadgeShowAmount  bool                              `json:"pledge_badge_show_amount"`
	DefaultUpfrontSplit    *int                              `json:"default_upfront_split_to_contributors"`
	Email                  *string                           `json:"email"`
	Website                *string                           `json:"website"`
	Socials                []OrganizationSocialLink          `json:"socials"`
	Status                 OrganizationStatus                `json:"status"`
	DetailsSubmittedAt     *time.Time                        `json:"details_submitted_at"`
	FeatureSettings        *OrganizationFeatureSettings      `json:"feature_settings"`
	SubscriptionSettings   OrganizationSubscriptionSettings  `json:"subscription_settings"`
	CustomerEmailSettings  OrganizationCustomerEmailSettings `json:"customer_email_settings"`
	CustomerPortalSettings OrganizationPortalSettings        `json:"customer_portal_settings"`
	OrganizationFeatures   CustomerOrganizationFeatures      `json:"organization_features"`
	// NotificationSettings and ProfileSettings are nil on Polar, which no longer shows them to customers. Postern answers defaults, for
	// old clients.
	NotificationSettings *OrganizationNotificationSettings `json:"notification_settings,omitempty"`
	ProfileSettings      *OrganizationProfileSettings      `json:"profile_settings,omitempty"`
}

// CustomerOrganizationFeatures lists the enabled features that affect customers.
type CustomerOrganizationFeatures struct {
	// MemberModel is nil in the version 2027-01 and later versions of the API, which do not have the field.
	MemberModel          *bool `json:"member_model_enabled,omitempty"`
	CheckoutLocalization bool  `json:"checkout_localization_enabled"`
}
