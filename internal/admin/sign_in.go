package admin

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// cookies returns the cookies of the admin pages. The session cookie has the token of the operator session, never the access token.
func (r *request) cookies() page.Cookies { return r.StrictCookies() }

// tokensInCookies returns the values of the session cookies that look like the token of an operator session.
func (r *request) tokensInCookies() (tokens []string) {
	for _, text := range r.CookieValues(web.SessionCookie) {
		if strings.HasPrefix(text, string(token.Operator)) { // another application on this host may have set the cookie
			tokens = append(tokens, text)
		}
	}
	return r.Limits.KnownFirst(tokens, r.Now())
}

// signInForm answers GET /admin/sign-in.
func (r *request) signInForm() error {
	if r.signedIn {
		return r.Redirect("")
	}
	return r.show(http.StatusOK, "sign-in", r.signInView(""))
}

func (r *request) signInView(message string) view {
	shown := r.newView("Sign in")
	shown.Nav, shown.Operator = nil, ""
	shown.Page = signInPage{&page.Field{
		ID: "token", Name: "token", Label: "Organization access token", Type: "password", Autocomplete: "off", Required: true, Error: message,
		Hint: "It begins with polar_oat_. Its scopes decide what you can do here.", Alone: true,
	}}
	if message != "" {
		shown.Title = "Error: Sign in"
	}
	return shown
}

// signIn answers POST /admin/sign-in.
func (r *request) signIn() error {
	text := r.text("token")
	o, secret, err := r.signInWith(text)
	switch {
	case fault.Is(err, fault.InvalidToken):
		r.Cause = err
		if err := r.admin.attempts.Refused(r.Context(), audit.Event{Action: audit.OperatorSignedIn, Target: audit.Target{Kind: audit.OnServer}}); err != nil {
			return err
		}
		return r.show(http.StatusUnprocessableEntity, "sign-in", r.signInView(refusalReason(text)))
	case err != nil:
		return err
	}
	r.become(o)
	r.cookies().Set(r.Exchange, web.SessionCookie, secret.Reveal(), 0)
	return r.Redirect("")
}

// signInWith creates an operator session for the access token with the given text. It returns fault.InvalidToken if there is no such
// token.
func (r *request) signInWith(text string) (directory.Operator, token.Token, error) {
	t, err := token.Check(text)
	if err != nil {
		return directory.Operator{}, token.Token{}, err
	}
	return r.Directory.SignInOperator(r.Context(), t, r.Client())
}

// refusalReason explains to the operator why a token was refused. It knows only what the text of the token shows, such as the
// wrong prefix.
func refusalReason(text string) string {
	t, err := token.Check(text)
	switch {
	case text == "":
		return "Paste an access token."
	case err != nil:
		return "This is not a complete access token. Copy all of it, from polar_oat_ to the end."
	case t.Kind() != token.Organization:
		return "This token belongs to a customer. Sign in with an access token of your organization, which begins with polar_oat_."
	}
	return "This access token is not valid. It was revoked, has expired, or belongs to another server."
}

// signOut answers POST /admin/sign-out. It ends the operator session, but does not revoke the access token.
func (r *request) signOut() error {
	if r.signedIn {
		if err := r.Directory.SignOutOperator(r.Context(), r.asOperator()); err != nil {
			return err
		}
	}
	r.cookies().DeleteSession(r.Exchange)
	return r.redirectWithNote("sign-in", noteSignedOut)
}
