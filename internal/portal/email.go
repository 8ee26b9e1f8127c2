package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// requestEmailUpdate is the form for another email address.
func (r *request) requestEmailUpdate() error {
	if !r.mayChangeEmail() {
		return fault.New(fault.NotPermitted, "The email address cannot be changed.")
	}
	typed := r.PostForm.Get("email")
	refuse := func(key string) error {
		return r.show(http.StatusUnprocessableEntity, "settings", r.settingsView(settingsForms{
			billing: billingValues(r.holder.Customer), email: typed, wrongEmail: r.localizer.Text(key),
		}))
	}
	in, err := body.ReadCustomerEmailUpdateRequest(body.FromForm(r.PostForm))
	if fault.Is(err, fault.InvalidRequest) {
		return refuse("error.email")
	}
	if err == nil {
		err = r.Login.RequestEmailUpdate(r.Context(), r.holder, in.Email, r.localizer.Language)
	}
	switch {
	case fault.Is(err, fault.RuleViolated): // it is an individual, so it is the address that it has
		return refuse("settings.email.same")
	case err != nil:
		return err
	}
	return r.redirectWithNote("settings", noteEmailSent, in.Email)
}

// verifyEmailForm is /{slug}/portal/verify-email, where the link of the mail leads. It changes nothing yet: programs that
// look after mails follow links. The token goes from the address into a cookie, as that of a session does.
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

// checkEmailUpdate refuses a token that confirms nothing, or nothing of this organization.
func (r *request) checkEmailUpdate() error {
	c, err := r.Directory.CheckEmailUpdate(r.Context(), r.Cookie(emailCookie))
	if err == nil && c.Organization != r.org.ID {
		err = fault.New(fault.InvalidEmailUpdate, "The customer is another organization's.")
	}
	return err
}

// verifyEmail is the form of verifyEmailForm. All sessions of the customer end, and a new one begins here.
func (r *request) verifyEmail() error {
	if err := r.checkEmailUpdate(); err != nil {
		return err
	}
	made, err := r.Login.VerifyEmailUpdate(r.Context(), r.Cookie(emailCookie), r.Client())
	if err != nil {
		return err
	}
	r.setEmailToken("", -1)
	r.setSession(made.Token, made.Session)
	r.memory.Email = ""
	return r.redirectWithNote("settings", noteEmail)
}
