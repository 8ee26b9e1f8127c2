package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// billingHolder returns the holder of the caller's session. It returns an error if the holder may not manage billing. Like
// Polar, handlers call it before they validate the request.
func (a *api) billingHolder(c *call) (directory.Holder, error) {
	h, err := a.holder(c)
	if err == nil {
		err = directory.ManageBilling(h)
	}
	return h, err
}

// getPortalCustomer handles GET /v1/customer-portal/customers/me.
func (a *api) getPortalCustomer(c *call) error {
	h, err := a.holder(c)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, body.WirePortalCustomer(h.Customer))
}

// updatePortalCustomer handles PATCH /v1/customer-portal/customers/me.
func (a *api) updatePortalCustomer(c *call) error {
	h, err := a.billingHolder(c)
	if err != nil {
		return err
	}
	in, err := body.ReadCustomerPortalCustomerUpdate(c.body)
	if err != nil {
		return err
	}
	if err := checkPortalUpdate(in); err != nil {
		return err
	}
	customer, err := a.Directory.ChangeBilling(c.Context(), h, directory.BillingChange{
		Name: in.BillingName.Value, Address: in.BillingAddress.Value, TaxID: in.TaxID,
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, body.WirePortalCustomer(customer))
}

// checkPortalUpdate refuses null for fields that cannot be reset, with Polar's messages. It also refuses every payment method,
// because this server stores none.
func checkPortalUpdate(in body.CustomerPortalCustomerUpdate) error {
	method := in.DefaultPaymentMethodID
	switch {
	case in.BillingAddress.Set && in.BillingAddress.Value == nil:
		return fault.Rule(fault.Field{Type: "missing", Name: []any{"billing_address"},
			Msg: "Customer billing address cannot be reset to null once set."})
	case method.Set && method.Value == nil:
		return fault.Rule(fault.Field{Type: "missing", Name: []any{"default_payment_method_id"},
			Msg: "Default payment method cannot be reset to null."})
	case method.Set:
		return fault.Rule(fault.Field{Type: "invalid", Name: []any{"default_payment_method_id"}, Msg: "Payment method not found.",
			Input: wirejson.AppendString(nil, token.ID(*method.Value).String())})
	}
	return nil
}

// requestEmailUpdate handles POST /v1/customer-portal/customers/me/email-update/request.
func (a *api) requestEmailUpdate(c *call) error {
	if _, err := a.billingHolder(c); err != nil {
		return err
	}
	in, err := body.ReadCustomerEmailUpdateRequest(c.body)
	if err != nil {
		return err
	}
	h, err := a.Login.Holder(c.Context(), &c.subject.session)
	if err != nil {
		return err
	}
	if err := a.Login.RequestEmailUpdate(c.Context(), h, in.Email, language(c.Request)); err != nil {
		return err
	}
	return c.send(http.StatusAccepted, []byte(`null`))
}

// checkEmailUpdate handles GET /v1/customer-portal/customers/me/email-update/check.
func (a *api) checkEmailUpdate(c *call) error {
	in, err := body.ReadCustomerEmailUpdateCheck(c.query())
	if err != nil {
		return err
	}
	if _, err := a.Directory.CheckEmailUpdate(c.Context(), in.Token); err != nil {
		return err
	}
	return c.noContent()
}

// verifyEmailUpdate handles POST /v1/customer-portal/customers/me/email-update/verify.
func (a *api) verifyEmailUpdate(c *call) error {
	in, err := body.ReadCustomerEmailUpdateVerifyRequest(c.body)
	if err != nil {
		return err
	}
	issued, err := a.Login.VerifyEmailUpdate(c.Context(), in.Token, a.client(c.Request))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, polar.SessionToken{Token: issued.Token.Reveal()})
}
