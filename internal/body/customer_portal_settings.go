package body

// CustomerPortalSettingsUpdate is the body of PATCH /v1/organizations/{id}/customer-portal-settings. Null resets a field to its
// default. Colors and hosts can be any text here; package directory validates them.
type CustomerPortalSettingsUpdate struct {
	AccentColor Optional[string]
	// LogoURL and ReturnURL are normalized.
	LogoURL, ReturnURL Optional[string]
	ReturnHosts        Optional[[]string]
	ApplicationHosts   Optional[[]string]
	OneTimeLinks       Optional[bool]
	SignInNotices      Optional[bool]
	SupportEmail       Optional[string]
	// SupportURL, TermsURL and PrivacyURL are normalized.
	SupportURL, TermsURL, PrivacyURL Optional[string]
}

// ReadCustomerPortalSettingsUpdate reads the changed portal settings of an organization.
func ReadCustomerPortalSettingsUpdate(v Value) (in CustomerPortalSettingsUpdate, err error) {
	o := open(v)
	in.AccentColor = optional(o, "accent_color", o.trimmedText)
	in.LogoURL = optional(o, "logo_url", o.optionalURL)
	in.ReturnURL = optional(o, "return_url", o.optionalURL)
	in.ReturnHosts = optional(o, "return_hosts", o.texts)
	in.ApplicationHosts = optional(o, "application_hosts", o.texts)
	in.OneTimeLinks = optional(o, "one_time_links", o.optionalFlag)
	in.SignInNotices = optional(o, "sign_in_notices", o.optionalFlag)
	in.SupportEmail = optional(o, "support_email", o.optionalEmail)
	in.SupportURL = optional(o, "support_url", o.optionalURL)
	in.TermsURL = optional(o, "terms_url", o.optionalURL)
	in.PrivacyURL = optional(o, "privacy_url", o.optionalURL)
	return result(in, o)
}

// texts reads a list of strings. It returns nil if the field is absent, null or not a list, and leaves out invalid items.
func (o object) texts(name string) *[]string {
	o.describe(name, false, Schema{Type: "array", Nullable: true, Items: &Schema{Type: "string"}})
	v, ok := o.member(name, false)
	if !ok {
		return nil
	}
	if v.kind != arrayKind {
		o.refuse(v, "list_type", "Input should be a valid list", nil, name)
		return nil
	}
	texts := []string{}
	for i, item := range v.items {
		if item.kind != stringKind {
			o.refuse(item, "string_type", "Input should be a valid string", nil, name, i)
		} else if o.clean(item, name, i) {
			texts = append(texts, item.text)
		}
	}
	return &texts
}
