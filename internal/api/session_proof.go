package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/polar"
)

// requestProof handles POST /v1/customer-portal/customer-session/proof/request.
func (a *api) requestProof(c *call) error {
	if err := a.Login.RequestProof(c.Context(), &c.subject.session, language(c.Request)); err != nil {
		return err
	}
	return c.send(http.StatusAccepted, []byte(`null`))
}

// confirmProof handles POST /v1/customer-portal/customer-session/proof/confirm.
func (a *api) confirmProof(c *call) error {
	in, err := body.ReadCustomerSessionProofConfirm(c.body)
	if err != nil {
		return err
	}
	until, err := a.Login.ConfirmProof(c.Context(), &c.subject.session, in.Code)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, polar.CustomerSessionProof{FreshUntil: until})
}
