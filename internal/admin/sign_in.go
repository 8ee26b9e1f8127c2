package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// tokenCookie holds the operator's access token, and when it was typed in. The server keeps no list of those who are signed in:
// to revoke the token signs them out.
const tokenCookie = "postern_admin"

// signedInFor is how long nobody is asked for the token again.
const signedInFor = 8 * time.Hour

// cookies are sent with requests from this site only.
func (r *request) cookies() page.Cookies { return r.StrictCookies(r.Base) }

// brought is the token in the cookie; "" for one that is too old. Whoever could forge its time has the token.
func (r *request) tokenInCookie() string {
	value := r.Cookie(tokenCookie)
	if value == "" {
		return ""
	}
	text, typed, _ := strings.Cut(value, ".")
	at, err := strconv.ParseInt(typed, 10, 64)
	age := r.Now().Sub(time.Unix(at, 0))
	if err != nil || age < -time.Minute || age >= signedInFor {
		r.Expired = true
		return ""
	}
	return text
}

// signInForm is /admin/sign-in.
func (r *request) signInForm() error {
	if r.signedIn {
		return r.Redirect("")
	}
	return r.show(http.StatusOK, "sign-in", r.signInView(""))
}

func (r *request) signInView(wrong string) view {
	shown := r.newView("Sign in")
	shown.Nav, shown.Operator = nil, ""
	shown.Page = signInPage{&page.Field{
		ID: "token", Name: "token", Label: "Organization access token", Type: "password", Autocomplete: "off", Required: true, Error: wrong,
		Hint: "It begins with polar_oat_. What you can do here follows from its scopes.", Alone: true,
	}}
	if wrong != "" {
		shown.Title = "Error: Sign in"
	}
	return shown
}

// signIn is the form of signInForm.
func (r *request) signIn() error {
	text := r.text("token")
	_, _, err := r.verify(text)
	switch {
	case fault.Is(err, fault.InvalidToken):
		r.Cause = err
		return r.show(http.StatusUnprocessableEntity, "sign-in", r.signInView(refusalReason(text)))
	case err != nil:
		return err
	}
	r.cookies().Set(r.Exchange, tokenCookie, text+"."+strconv.FormatInt(r.Now().Unix(), 10), 0)
	return r.Redirect("")
}

// refusalReason says what is wrong with a token, as far as it can be told without looking it up.
func refusalReason(text string) string {
	t, err := token.Check(text)
	switch {
	case text == "":
		return "Paste an access token."
	case err != nil:
		return "This is no access token, or a part of it is missing: copy the whole of it, from polar_oat_ to its end."
	case t.Kind() != token.Organization:
		return "This token belongs to a customer. Sign in with an access token of your organization, which begins with polar_oat_."
	}
	return "This access token lets nobody in: it was revoked, has expired, or is not of this server."
}

// signOut forgets the token in this browser. It goes on elsewhere until it is revoked.
func (r *request) signOut() error {
	r.cookies().Set(r.Exchange, tokenCookie, "", -1)
	return r.redirectWithNote("sign-in", noteSignedOut)
}
