package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// requestEmailUpdate answers POST /{slug}/portal/settings/email.
func (r *request) requestEmailUpdate() error {
	if !r.mayChangeEmail() {
		return fault.New(fault.NotPermitted, "The email address cannot be changed.")
	}
	typed := r.PostForm.Get("email")
	refuse := func(key string) error {
		return r.showSettings(http.StatusUnprocessableEntity, settingsForms{
			billing: billingValues(r.holder.Customer), email: typed, emailError: r.localizer.Text(key),
		})
	}
	proven, err := r.prove()
	switch {
	case err != nil:
		return err
	case !proven: // the proof has expired since the page was opened
		return r.Redirect(proveLink(proveForEmail, ""))
	}
	in, err := body.ReadCustomerEmailUpdateRequest(body.FromForm(r.PostForm))
	if fault.Is(err, fault.InvalidRequest) {
		return refuse("error.email")
	}
	if err == nil {
		err = r.Login.RequestEmailUpdate(r.Context(), r.holder, in.Email, r.localizer.Language)
	}
	switch {
	case fault.Is(err, fault.RuleViolated): // the address did not change: no other rule applies to an individual
		return refuse("settings.email.same")
	case err != nil:
		return err
	}
	return r.redirectWithNote("settings", noteEmailSent, in.Email)
}

// verifyEmailForm answers GET /{slug}/portal/verify-email, to which the confirmation mail links. It does not change the address
// yet, because mail scanners follow links. It moves the token from the URL into a cookie.
func (r *request) verifyEmailForm() error {
	if q := r.URL.Query(); q.Has("token") {
		r.setEmailToken(singleLine(q.Get("token"), maxRemembered), directory.EmailUpdateLifetime)
		return r.Redirect("verify-email")
	}
	if err := r.checkEmailUpdate(); err != nil {
		return err
	}
	return r.show(http.StatusOK, "verify-email", r.verifyView())
}

func (r *request) verifyView() view {
	shown := r.newSignInView(r.localizer.Text("verify.title"))
	shown.Path = "verify-email"
	return shown
}

// checkEmailUpdate returns an error if the token in the cookie is invalid, or belongs to another organization.
func (r *request) checkEmailUpdate() error {
	c, err := r.Directory.CheckEmailUpdate(r.Context(), r.Cookie(emailCookie))
	if err == nil && c.Organization != r.org.ID {
		err = fault.New(fault.InvalidEmailUpdate, "The customer belongs to another organization.")
	}
	return err
}

// verifyEmail answers POST /{slug}/portal/verify-email. It ends all sessions of the customer and creates a new one.
func (r *request) verifyEmail() error {
	if err := r.checkEmailUpdate(); err != nil {
		return err
	}
	issued, err := r.Login.VerifyEmailUpdate(r.Context(), r.Cookie(emailCookie), r.Client())
	if err != nil {
		return err
	}
	r.setEmailToken("", -1)
	r.setSession(issued.Token, issued.Session)
	r.setDevice(r.Login.EmailConfirmed(r.Context(), issued.Session, r.CookieValues(deviceCookie)))
	r.memory.Email = ""
	return r.redirectWithNote("settings", noteEmail)
}
