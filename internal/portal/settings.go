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

// settings answers GET /{slug}/portal/settings.
func (r *request) settings() error {
	return r.showSettings(http.StatusOK, settingsForms{billing: billingValues(r.holder.Customer)})
}

// showSettings shows the settings page. It asks for a proof first, if the customer may change the address only with one.
func (r *request) showSettings(status int, f settingsForms) error {
	if r.mayChangeEmail() {
		proven, err := r.prove()
		if err != nil {
			return err
		}
		f.prove = !proven
	}
	return r.show(status, "settings", r.settingsView(f))
}

// settingsForms has the values and errors of the forms on the settings page.
type settingsForms struct {
	// billing and errs have the values and errors of the billing form, by the names that the fields have in the API.
	billing, errs     map[string]string
	email, emailError string
	// prove reports whether a change of the email address first needs a proof.
	prove bool
}

func (r *request) settingsView(f settingsForms) view {
	shown := r.newView(r.localizer.Text("settings.title"))
	shown.Path = "settings"
	c := r.holder.Customer
	content := settingsPage{Name: r.ownName(), Email: page.OrEmpty(r.holder.Email())}
	content.Verified = c.EmailVerified && c.Email != nil && content.Email == *c.Email
	switch {
	case !r.inTeam():
		content.NameHint = r.localizer.Text("settings.name.organization", "Name", shorten(r.org.Name))
	case directory.ManageTeam(r.holder) != nil || r.session.ReadOnly:
		content.NameHint = r.localizer.Text("settings.name.managers")
	default:
		content.Member, content.NewName = r.holder.Member.ID.String(), r.nameField("new-name", content.Name)
	}
	content.Prove = f.prove && r.holder.Email() != nil // without an address, only the organization can set one
	if r.mayChangeEmail() && !f.prove {
		content.NewEmail = &page.Field{
			ID: "new-email", Name: "email", Label: r.localizer.Text("settings.email.label"), Type: "email", Autocomplete: "email", Required: true,
			Value: f.email, Error: f.emailError,
		}
		content.OpenEmail = f.email != "" || f.emailError != "" || r.memory.Note == noteProven
		if f.emailError != "" {
			shown.Errors = append(shown.Errors, page.FieldError{Field: content.NewEmail.ID, Label: content.NewEmail.Label, Text: f.emailError})
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

// mayChangeEmail reports whether the customer may change the email address. As in the API, only individuals can, if the
// organization allows it.
func (r *request) mayChangeEmail() bool {
	return r.org.EmailChange && r.holder.Customer.Type == directory.Individual && directory.ManageBilling(r.holder) == nil && !r.session.ReadOnly
}

// billingFields are the names of the billing form's fields, in the order of the page.
var billingFields = []string{
	"billing_name", "billing_address.country", "billing_address.line1", "billing_address.line2", "billing_address.postal_code",
	"billing_address.city", "billing_address.state", "tax_id",
}

// billingID returns the ID of a field's input.
func billingID(name string) string {
	return strings.ReplaceAll(strings.TrimPrefix(name, "billing_address."), "_", "-")
}

// billingValues returns the billing details of a customer by the names of the form's fields. The billing name defaults to the
// customer's name.
func billingValues(c directory.Customer) map[string]string {
	values := map[string]string{"billing_name": page.OrEmpty(c.BillingName)}
	if c.BillingName == nil {
		values["billing_name"] = page.OrEmpty(c.Name)
	}
	if a := c.BillingAddress; a != nil {
		values["billing_address.country"] = a.Country
		values["billing_address.line1"], values["billing_address.line2"] = page.OrEmpty(a.Line1), page.OrEmpty(a.Line2)
		values["billing_address.postal_code"], values["billing_address.city"] = page.OrEmpty(a.PostalCode), page.OrEmpty(a.City)
		values["billing_address.state"] = strings.TrimPrefix(page.OrEmpty(a.State), a.Country+"-")
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
			Value: f.billing[name], Error: f.errs[name],
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
	form.States = l.stateFields(form.State)
	form.State = l.stateFieldIn(form.Country.Value, form.State)
	form.Country.Options = []page.Option{{Text: l.Text("field.country.choose")}}
	for _, c := range l.countries() {
		form.Country.Options = append(form.Country.Options, page.Option{Value: c.Code, Text: c.Name, Chosen: c.Code == form.Country.Value})
	}
	return form
}

// billingFacts returns the billing details for customers who may not change them.
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

// saveBilling answers POST /{slug}/portal/settings/billing.
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
	if now["billing_name"] == before["billing_name"] { // do not store the customer's name, which is the default, as the billing name
		form.Del("billing_name")
	}
	if body.States(before["billing_address.country"]) != nil && body.States(now["billing_address.country"]) == nil && now["billing_address.state"] == before["billing_address.state"] {
		now["billing_address.state"] = "" // without scripts, the select keeps the state of the previous country
		form.Set("billing_address.state", "")
	}
	if noAddress(now) && noAddress(before) {
		for _, name := range billingFields {
			if strings.HasPrefix(name, "billing_address.") {
				form.Del(name)
			}
		}
	}
	errs := r.clearedFields(before, now)
	in, err := body.ReadCustomerPortalCustomerUpdate(body.FromForm(form))
	if err == nil && len(errs) == 0 {
		_, err = r.Directory.ChangeBilling(r.Context(), r.holder, directory.BillingChange{
			Name: in.BillingName.Value, Address: (*directory.Address)(in.BillingAddress.Value), TaxID: in.TaxID,
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
		if errs[name] == "" {
			errs[name] = text
		}
	}
	return r.showSettings(http.StatusUnprocessableEntity, settingsForms{billing: now, errs: errs})
}

func noAddress(values map[string]string) bool {
	for name, value := range values {
		if strings.HasPrefix(name, "billing_address.") && value != "" {
			return false
		}
	}
	return true
}

// clearedFields returns an error for each field that had a value, is now empty, and cannot be deleted. The API would keep the old
// value, but the customer would believe that it was deleted.
func (r *request) clearedFields(before, now map[string]string) map[string]string {
	errs := map[string]string{}
	for _, name := range []string{"billing_name", "billing_address.country"} {
		if before[name] != "" && now[name] == "" {
			errs[name] = r.localizer.Text("error.cleared")
		}
	}
	return errs
}

// fieldErrors translates a validation error to texts by the name of the field. It returns no texts for a nil error. It reports
// false if err is not a validation error.
func (r *request) fieldErrors(err error) (map[string]string, bool) {
	found := map[string]string{}
	if err == nil {
		return found, true
	}
	f := fieldsOf(err)
	if f == nil {
		return nil, false
	}
	for _, invalid := range f {
		name := fieldName(invalid.Name)
		key := ""
		switch {
		case invalid.Type == "string_too_long":
			key = "error.long"
		case name == "email":
			key = "error.email"
		case name == "billing_address": // an invalid state, which is checked last, or no address
			name, key = "billing_address.state", "error.state"
			if invalid.Type == "missing" {
				name, key = "billing_address.country", "error.tax-id.country"
			}
		case name == "billing_address.country" && r.PostForm.Get(name) == "":
			key = "error.country.missing"
		case name == "billing_address.country":
			key = "error.country"
		case name == "tax_id" && invalid.Type == "invalid":
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

// fieldsOf returns the fields of a validation error, or nil if err is not one.
func fieldsOf(err error) []fault.Field {
	f, ok := faultOf(err)
	if !ok || f.Code != fault.InvalidRequest && f.Code != fault.RuleViolated {
		return nil
	}
	return f.Fields
}

// fieldName joins the names in a field's path with dots, as the form names its inputs. It leaves out the positions in lists.
func fieldName(path []any) string {
	var parts []string
	for _, part := range path {
		if text, ok := part.(string); ok {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ".")
}
