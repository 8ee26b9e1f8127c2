package portal

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
)

// settings is /{slug}/portal/settings.
func (r *request) settings() error {
	return r.show(http.StatusOK, "settings", r.settingsView(settingsForms{billing: billingValues(r.holder.Customer)}))
}

// settingsForms is what stands in the forms of the settings, and what is wrong with it.
type settingsForms struct {
	// billing are the values by the names of the fields, which are those of the API's body.
	billing, wrong    map[string]string
	email, wrongEmail string
}

func (r *request) settingsView(f settingsForms) view {
	shown := r.newView(r.localizer.Text("settings.title"))
	shown.Path = "settings"
	c := r.holder.Customer
	content := settingsPage{Name: r.ownName(), Email: orEmpty(r.holder.Email())}
	content.Verified = c.EmailVerified && c.Email != nil && content.Email == *c.Email
	if r.mayChangeEmail() {
		content.NewEmail = &page.Field{
			ID: "new-email", Name: "email", Label: r.localizer.Text("settings.email.label"), Type: "email", Autocomplete: "email", Required: true,
			Value: f.email, Error: f.wrongEmail,
		}
		if f.wrongEmail != "" {
			shown.Errors = append(shown.Errors, page.FieldError{Field: content.NewEmail.ID, Label: content.NewEmail.Label, Text: f.wrongEmail})
		}
	}
	if directory.ManageBilling(r.holder) == nil && !r.session.ReadOnly {
		content.Billing = r.billingForm(f)
		b := content.Billing
		shown.Errors = append(shown.Errors, page.ErrorsOf(b.Name, b.Country, b.Line1, b.Line2, b.PostalCode, b.City, b.State, b.TaxID)...)
	} else {
		content.BillingFacts = r.billingFacts(c)
	}
	shown.Page = content
	return shown
}

// mayChangeEmail reports whether the visitor's address can be another one: where the organization allows it, for individuals
// alone, as in the API.
func (r *request) mayChangeEmail() bool {
	return r.org.EmailChange && r.holder.Customer.Type == directory.Individual && directory.ManageBilling(r.holder) == nil && !r.session.ReadOnly
}

// billingFields are the names of the form's fields, in the order of the page.
var billingFields = []string{
	"billing_name", "billing_address.country", "billing_address.line1", "billing_address.line2", "billing_address.postal_code",
	"billing_address.city", "billing_address.state", "tax_id",
}

// billingID is the id of a field's input.
func billingID(name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(name, "billing_address."), "_", "-")
}

// billingValues are what stands on the customer's invoices. The name is the customer's where no other was given.
func billingValues(c directory.Customer) map[string]string {
	values := map[string]string{"billing_name": orEmpty(c.BillingName)}
	if c.BillingName == nil {
		values["billing_name"] = orEmpty(c.Name)
	}
	if a := c.BillingAddress; a != nil {
		values["billing_address.country"] = a.Country
		values["billing_address.line1"], values["billing_address.line2"] = orEmpty(a.Line1), orEmpty(a.Line2)
		values["billing_address.postal_code"], values["billing_address.city"] = orEmpty(a.PostalCode), orEmpty(a.City)
		values["billing_address.state"] = strings.TrimPrefix(orEmpty(a.State), a.Country+"-")
	}
	if c.TaxID != nil {
		values["tax_id"] = c.TaxID.Value
	}
	return values
}

func (r *request) billingForm(f settingsForms) *billingForm {
	input := func(name, label, autocomplete string, optional bool) page.Field {
		return page.Field{
			ID: billingID(name), Name: name, Label: label, Type: "text", Autocomplete: autocomplete, Optional: optional,
			Value: f.billing[name], Error: f.wrong[name],
		}
	}
	l := r.localizer
	form := &billingForm{
		Name:       input("billing_name", l.Text("field.billing-name"), "billing name", false),
		Country:    input("billing_address.country", l.Text("field.country"), "billing country", false),
		Line1:      input("billing_address.line1", l.Text("field.line1"), "billing address-line1", false),
		Line2:      input("billing_address.line2", l.Text("field.line2"), "billing address-line2", true),
		PostalCode: input("billing_address.postal_code", l.Text("field.postal-code"), "billing postal-code", false),
		City:       input("billing_address.city", l.Text("field.city"), "billing address-level2", false),
		State:      input("billing_address.state", l.Text("field.state"), "billing address-level1", true),
		TaxID:      input("tax_id", l.Text("field.tax-id"), "off", true),
	}
	form.Country.Options = []page.Option{{Text: l.Text("field.country.choose")}}
	for _, c := range l.countries() {
		form.Country.Options = append(form.Country.Options, page.Option{Value: c.Code, Text: c.Name, Chosen: c.Code == form.Country.Value})
	}
	return form
}

// billingFacts are for those who may read and not write.
func (r *request) billingFacts(c directory.Customer) []fact {
	l, values := r.localizer, billingValues(c)
	line := func(names ...string) (lines []string) {
		for _, name := range names {
			if values[name] != "" {
				lines = append(lines, values[name])
			}
		}
		return lines
	}
	address := line("billing_address.line1", "billing_address.line2")
	if city := line("billing_address.postal_code", "billing_address.city", "billing_address.state"); city != nil {
		address = append(address, strings.Join(city, " "))
	}
	if code := values["billing_address.country"]; code != "" {
		address = append(address, l.countryName(code))
	}
	return []fact{
		{l.Text("field.billing-name"), line("billing_name")},
		{l.Text("settings.billing.address"), address},
		{l.Text("field.tax-id"), line("tax_id")},
	}
}

// saveBilling is the form of what stands on invoices.
func (r *request) saveBilling() error {
	if err := directory.ManageBilling(r.holder); err != nil {
		return err
	}
	before := billingValues(r.holder.Customer)
	form, now := url.Values{}, map[string]string{}
	for _, name := range billingFields {
		now[name] = strings.TrimSpace(r.PostForm.Get(name))
		form.Set(name, now[name])
	}
	if now["billing_name"] == before["billing_name"] { // the customer's own name is not made another one by being looked at
		form.Del("billing_name")
	}
	if noAddress(now) && noAddress(before) {
		for _, name := range billingFields {
			if strings.HasPrefix(name, "billing_address.") {
				form.Del(name)
			}
		}
	}
	wrong := r.clearedFields(before, now)
	in, err := body.ReadCustomerPortalCustomerUpdate(body.FromForm(form))
	if err == nil && len(wrong) == 0 {
		_, err = r.Directory.ChangeBilling(r.Context(), r.holder, directory.BillingChange{
			Name: in.BillingName.Value, Address: (*directory.Address)(in.BillingAddress.Value), TaxID: in.TaxID.Value,
		})
		if err == nil {
			return r.redirectWithNote("settings", noteBilling)
		}
	}
	flaws, ok := r.fieldErrors(err)
	if !ok {
		return err
	}
	for name, text := range flaws {
		if wrong[name] == "" {
			wrong[name] = text
		}
	}
	return r.show(http.StatusUnprocessableEntity, "settings", r.settingsView(settingsForms{billing: now, wrong: wrong}))
}

func noAddress(values map[string]string) bool {
	for name, value := range values {
		if strings.HasPrefix(name, "billing_address.") && value != "" {
			return false
		}
	}
	return true
}

// cleared are the fields that were given once, and cannot be taken back: the API lets a blank one stay as it was, and a person
// would take it for gone.
func (r *request) clearedFields(before, now map[string]string) map[string]string {
	wrong := map[string]string{}
	for _, name := range []string{"billing_name", "billing_address.country", "tax_id"} {
		if before[name] != "" && now[name] == "" {
			wrong[name] = r.localizer.Text("error.cleared")
		}
	}
	return wrong
}

// flaws says in the visitor's language what the rooms below refuse, by the name of the field; false for an error that is not
// about what was filled in. No error at all has no flaws.
func (r *request) fieldErrors(err error) (map[string]string, bool) {
	found := map[string]string{}
	if err == nil {
		return found, true
	}
	f := fieldsOf(err)
	if f == nil {
		return nil, false
	}
	for _, flawed := range f {
		name := fieldName(flawed.Name)
		key := ""
		switch {
		case flawed.Type == "string_too_long":
			key = "error.long"
		case name == "email":
			key = "error.email"
		case name == "billing_address": // the state, which is looked at once the rest is right; or no address at all
			name, key = "billing_address.state", "error.state"
			if flawed.Type == "missing" {
				name, key = "billing_address.country", "error.tax-id.country"
			}
		case name == "billing_address.country" && r.PostForm.Get(name) == "":
			key = "error.country.missing"
		case name == "billing_address.country":
			key = "error.country"
		case name == "tax_id" && flawed.Type == "invalid":
			key = "error.tax-id"
		default:
			key = "error.characters"
		}
		if found[name] == "" {
			found[name] = r.localizer.Text(key)
		}
	}
	return found, true
}

// fieldsOf are the fields that were refused; nil when it is something else that went wrong.
func fieldsOf(err error) []fault.Field {
	f, ok := faultOf(err)
	if !ok || f.Code != fault.InvalidRequest && f.Code != fault.RuleViolated {
		return nil
	}
	return f.Fields
}

// fieldName joins the names in a field's path with dots, as the forms name their inputs. Positions are left out.
func fieldName(path []any) string {
	var parts []string
	for _, part := range path {
		if text, ok := part.(string); ok {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ".")
}
