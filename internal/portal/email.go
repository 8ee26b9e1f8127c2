package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
)

// requestEmailUpdate is the form for another email address.
func (v *visit) requestEmailUpdate() error {
	if !v.mayChangeEmail() {
		return fault.New(fault.NotPermitted, "The email address cannot be changed.")
	}
	typed := v.PostForm.Get("email")
	refuse := func(key string) error {
		return v.show(http.StatusUnprocessableEntity, "settings", v.settingsView(settingsForms{
			billing: billingValues(v.holder.Customer), email: typed, wrongEmail: v.tongue.Text(key),
		}))
	}
	in, err := body.ReadCustomerEmailUpdateRequest(body.FromForm(v.PostForm))
	if fault.Is(err, fault.InvalidRequest) {
		return refuse("flaw.email")
	}
	if err == nil {
		err = v.Login.RequestEmailUpdate(v.Context(), v.holder, in.Email, v.tongue.Language)
	}
	switch {
	case fault.Is(err, fault.RuleViolated): // it is an individual, so it is the address that it has
		return refuse("settings.email.same")
	case err != nil:
		return err
	}
	return v.leadWith("settings", noteEmailSent, in.Email)
}

// askToVerifyEmail is /{slug}/portal/verify-email, where the link of the mail leads. It changes nothing yet: programs that
// look after mails follow links. The token goes from the address into a cookie, as that of a session does.
func (v *visit) askToVerifyEmail() error {
	if q := v.URL.Query(); q.Has("token") {
		v.setCookie(emailCookie, plain(q.Get("token"), maxRemembered), v.base+"/verify-email", directory.EmailUpdateLifetime)
		return v.leadTo("verify-email")
	}
	if err := v.checkEmailUpdate(); err != nil {
		return err
	}
	return v.show(http.StatusOK, "verify-email", v.verifyView())
}

func (v *visit) verifyView() view {
	shown := v.outside(v.tongue.Text("verify.title"))
	shown.Path = "verify-email"
	return shown
}

// checkEmailUpdate refuses a token that confirms nothing, or nothing of this organization.
func (v *visit) checkEmailUpdate() error {
	c, err := v.Directory.CheckEmailUpdate(v.Context(), v.emailToken())
	if err == nil && c.Organization != v.org.ID {
		err = fault.New(fault.InvalidEmailUpdate, "The customer is another organization's.")
	}
	return err
}

func (v *visit) emailToken() string {
	c, err := v.Cookie(emailCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// verifyEmail is the form of askToVerifyEmail. All sessions of the customer end, and a new one begins here.
func (v *visit) verifyEmail() error {
	if err := v.checkEmailUpdate(); err != nil {
		return err
	}
	made, err := v.Login.VerifyEmailUpdate(v.Context(), v.emailToken(), v.client())
	if err != nil {
		return err
	}
	v.setCookie(emailCookie, "", v.base+"/verify-email", -1)
	v.setSession(made.Token, made.Session)
	v.memory.Email = ""
	return v.leadWith("settings", noteEmail)
}
