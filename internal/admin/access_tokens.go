package admin

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

// accessTokens is /admin/access-tokens.
func (v *visit) accessTokens() error {
	form := v.newTokenForm()
	return v.showAccessTokens(http.StatusOK, &form, nil)
}

func (v *visit) showAccessTokens(status int, form *accessTokenForm, wrong error) error {
	found, total, err := v.Directory.AccessTokens(v.Context(), directory.AccessTokenQuery{
		Organization: v.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: v.pageNumber(), Limit: listed},
	})
	if err != nil {
		return err
	}
	shown := v.frame("Access tokens")
	if wrong != nil && !shown.flawed(wrong, &form.Comment, form.ExpiresIn) {
		return wrong
	}
	page := accessTokensPage{Total: total, Pages: v.pager(total), Denied: v.unless(accessTokens, "Making, changing or revoking access tokens")}
	if page.Denied == nil {
		page.Create = form
	}
	for _, t := range found {
		row := accessTokenRow{
			ID: t.ID.String(), Title: tokenName(t), CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt,
			Every: len(t.Scopes) == len(directory.AllScopes()), Own: t.ID == v.by.ID, Expired: t.ExpiresAt != nil && !v.Now().Before(*t.ExpiresAt), MayChange: page.Denied == nil,
		}
		for _, scope := range t.Scopes {
			row.Scopes = append(row.Scopes, string(scope))
		}
		page.Tokens = append(page.Tokens, row)
	}
	shown.Page = page
	return v.show(status, "access-tokens", shown)
}

// tokenLifetimes are how long an access token can live; "" is for ever.
var tokenLifetimes = []option{{Value: "2592000", Text: "30 days"}, {Value: "7776000", Text: "90 days"}, {Value: "31536000", Text: "1 year"}, {Value: "", Text: "until it is revoked"}}

// newTokenForm has what was sent, if something was.
func (v *visit) newTokenForm() accessTokenForm {
	f := v.tokenForm(v.text("comment"), v.asked())
	lives, _ := chosen(tokenLifetimes, v.PostForm.Get("expires_in"))
	if v.Method != http.MethodPost {
		lives, _ = chosen(tokenLifetimes, "7776000")
	}
	f.ExpiresIn = &field{ID: "expires-in", Name: "expires_in", Label: "It lasts", Options: lives}
	return f
}

// tokenForm offers the scopes that the operator has: nobody can grant another one.
func (v *visit) tokenForm(comment string, has scopes) accessTokenForm {
	f := accessTokenForm{Comment: field{ID: "comment", Name: "comment", Label: "What it is for", Type: "text", Autocomplete: "off", Value: comment}}
	for _, scope := range directory.AllScopes() {
		if v.may(scopes{scope}) {
			f.Scopes = append(f.Scopes, option{Value: string(scope), Text: string(scope), Chosen: slices.Contains(has, scope)})
		}
	}
	return f
}

// asked are the scopes of the form.
func (v *visit) asked() scopes {
	var all scopes
	for _, text := range v.PostForm["scopes"] {
		all = append(all, directory.Scope(text))
	}
	return all
}

// granted are the scopes of the form, which are some, and of which the operator has each.
func (v *visit) granted() (scopes, error) {
	asked := v.asked()
	if len(asked) == 0 {
		return nil, fault.Rule(fault.Field{Type: "value_error", Name: []any{"scopes"}, Msg: "Choose one scope at least."})
	}
	return directory.Delegate(v.by.Scopes, asked)
}

// createAccessToken makes an access token, and shows it once.
func (v *visit) createAccessToken() error {
	form := v.newTokenForm()
	granted, err := v.granted()
	if err != nil {
		return v.showAccessTokens(http.StatusUnprocessableEntity, &form, err)
	}
	n := directory.NewAccessToken{Scopes: granted, Comment: v.text("comment")}
	if text := v.PostForm.Get("expires_in"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return web.ErrForm
		}
		d := time.Duration(seconds) * time.Second
		n.ExpiresIn = &d
	}
	made, secret, err := v.Directory.CreateAccessToken(v.Context(), v.org, n)
	if fault.Is(err, fault.RuleViolated) {
		return v.showAccessTokens(http.StatusUnprocessableEntity, &form, err)
	}
	if err != nil {
		return err
	}
	shown := v.frame("A new access token")
	shown.Page = newTokenPage{secret.Reveal(), tokenName(made)}
	return v.show(http.StatusOK, "new-token", shown)
}

// accessToken is /admin/access-tokens/{id}.
func (v *visit) accessToken() error {
	t, err := v.accessTokenInPath()
	if err != nil {
		return err
	}
	return v.showAccessToken(http.StatusOK, t, v.tokenForm(t.Comment, t.Scopes), nil)
}

// mightier reports whether an access token has scopes that the operator lacks. Those cannot be given back, so they are not taken.
func (v *visit) mightier(t directory.AccessToken) bool {
	_, err := directory.Delegate(v.by.Scopes, t.Scopes)
	return err != nil
}

func (v *visit) showAccessToken(status int, t directory.AccessToken, form accessTokenForm, wrong error) error {
	shown := v.frame("Change an access token")
	if v.mightier(t) {
		form.Scopes = nil
	}
	if wrong != nil && !shown.flawed(wrong, &form.Comment) {
		return wrong
	}
	shown.Page = accessTokenPage{t.ID.String(), t.ID == v.by.ID, form}
	return v.show(status, "access-token", shown)
}

// accessTokenInPath is the token whom the path names, or fault.NotFound.
func (v *visit) accessTokenInPath() (directory.AccessToken, error) {
	id, err := v.id()
	if err != nil {
		return directory.AccessToken{}, err
	}
	return v.Directory.AccessToken(v.Context(), v.org, id)
}

// changeAccessToken is the form of accessToken.
func (v *visit) changeAccessToken() error {
	t, err := v.accessTokenInPath()
	if err != nil {
		return err
	}
	comment := v.text("comment")
	change := directory.AccessTokenChange{Comment: &comment}
	if !v.mightier(t) {
		change.Scopes, err = v.granted()
	}
	if err == nil {
		_, err = v.Directory.ChangeAccessToken(v.Context(), v.org, t.ID, change)
	}
	if err != nil {
		return v.showAccessToken(http.StatusUnprocessableEntity, t, v.tokenForm(comment, v.asked()), err)
	}
	return v.leadWith("access-tokens", noteTokenChanged)
}

// askToRevoke is /admin/access-tokens/{id}/revoke.
func (v *visit) askToRevoke() error {
	t, err := v.accessTokenInPath()
	if err != nil {
		return err
	}
	shown := v.frame("Revoke " + tokenName(t))
	page := confirmPage{
		Text:   "Whoever calls with this access token is refused from now on. Sessions that were made with it go on.",
		Submit: "Revoke", Action: "access-tokens/" + t.ID.String() + "/revoke", Cancel: "access-tokens",
	}
	if t.ID == v.by.ID {
		page.Text = "This is the access token that you are signed in with: you are signed out by this. " + page.Text
	}
	shown.Page = page
	return v.show(http.StatusOK, "confirm", shown)
}

// revokeAccessToken is the form of askToRevoke.
func (v *visit) revokeAccessToken() error {
	id, err := v.id()
	if err != nil {
		return err
	}
	if err := v.Directory.RevokeAccessToken(v.Context(), v.org, id); err != nil {
		return err
	}
	if id == v.by.ID {
		v.jar().Set(v.Exchange, tokenCookie, "", -1)
		return v.leadWith("sign-in", noteTokenRevoked)
	}
	return v.leadWith("access-tokens", noteTokenRevoked)
}
