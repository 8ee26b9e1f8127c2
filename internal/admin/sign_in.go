package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// tokenCookie holds the operator's access token, and when it was typed in. The server keeps no list of those who are signed in:
// to revoke the token signs them out.
const tokenCookie = "postern_admin"

// signedInFor is how long nobody is asked for the token again.
const signedInFor = 8 * time.Hour

// jar makes cookies for these pages alone. No other site's links and forms bring them.
func (v *visit) jar() web.Jar {
	return web.Jar{Path: v.base, Secure: v.PublicURL.Scheme == "https", SameSite: http.SameSiteStrictMode, Now: v.Now}
}

// brought is the token in the cookie; "" for one that is too old. Whoever could forge its time has the token.
func (v *visit) brought() string {
	c, err := v.Cookie(tokenCookie)
	if err != nil {
		return ""
	}
	text, typed, _ := strings.Cut(c.Value, ".")
	at, err := strconv.ParseInt(typed, 10, 64)
	age := v.Now().Sub(time.Unix(at, 0))
	if err != nil || age < -time.Minute || age >= signedInFor {
		v.lapsed = true
		return ""
	}
	return text
}

// askForToken is /admin/sign-in.
func (v *visit) askForToken() error {
	if v.signedIn {
		return v.leadTo("")
	}
	return v.show(http.StatusOK, "sign-in", v.signInView(""))
}

func (v *visit) signInView(wrong string) view {
	shown := v.frame("Sign in")
	shown.Nav, shown.Operator = nil, nil
	shown.Page = signInPage{&field{
		ID: "token", Name: "token", Label: "Organization access token", Type: "password", Autocomplete: "off", Required: true, Error: wrong,
		Hint: "It begins with polar_oat_. What you can do here follows from its scopes.", Autofocus: true,
	}}
	if wrong != "" {
		shown.Title = "Error: Sign in"
	}
	return shown
}

// signIn is the form of askForToken.
func (v *visit) signIn() error {
	text := v.text("token")
	_, _, err := v.verify(text)
	switch {
	case fault.Is(err, fault.InvalidToken):
		v.Cause = err
		return v.show(http.StatusUnprocessableEntity, "sign-in", v.signInView(whyRefused(text)))
	case err != nil:
		return err
	}
	v.jar().Set(v.Exchange, tokenCookie, text+"."+strconv.FormatInt(v.Now().Unix(), 10), 0)
	return v.leadTo("")
}

// whyRefused says what is wrong with a token, as far as it can be told without looking it up.
func whyRefused(text string) string {
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
func (v *visit) signOut() error {
	v.jar().Set(v.Exchange, tokenCookie, "", -1)
	return v.leadWith("sign-in", noteSignedOut)
}
