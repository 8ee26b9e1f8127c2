package admin

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
)

// accessTokens answers GET /admin/access-tokens.
func (r *request) accessTokens() error {
	form := r.newTokenForm()
	return r.showAccessTokens(http.StatusOK, &form, nil)
}

func (r *request) showAccessTokens(status int, form *accessTokenForm, invalid error) error {
	found, total, err := r.Directory.AccessTokens(r.Context(), directory.AccessTokenQuery{
		Organization: r.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: r.PageNumber(), Limit: listed},
	})
	if err != nil {
		return err
	}
	shown := r.newView("Access tokens")
	if invalid != nil && !shown.addErrors(invalid, &form.Comment, form.ExpiresIn) {
		return invalid
	}
	content := accessTokensPage{Total: total, Pages: r.NewPager(r.Path, r.PageNumber(), total, listed), Denied: r.denial(accessTokens, "Creating, changing and revoking access tokens")}
	if content.Denied == nil {
		content.Create = form
	}
	lineage, err := r.Directory.Lineage(r.Context(), r.operator)
	if err != nil {
		return err
	}
	for _, t := range found {
		row := accessTokenRow{
			ID: t.ID.String(), Title: tokenName(t), CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, LastUsedAt: t.LastUsedAt,
			Every: len(t.Scopes) == len(directory.AllScopes()), Own: t.ID == r.operator.ID, Expired: t.Expired(r.Now()),
			MayChange: content.Denied == nil && lineage.CheckStrength(t) == nil, Child: !t.Parent.IsZero(),
		}
		for _, scope := range t.Scopes {
			row.Scopes = append(row.Scopes, string(scope))
		}
		content.Tokens = append(content.Tokens, row)
	}
	shown.Page = content
	return r.show(status, "access-tokens", shown)
}

// tokenLifetimes are the lifetimes that the form offers for a new access token. With the value "", the token does not expire.
var tokenLifetimes = []page.Option{{Value: "2592000", Text: "in 30 days"}, {Value: "7776000", Text: "in 90 days"}, {Value: "31536000", Text: "in 1 year"}, {Value: "", Text: "never"}}

// newTokenForm returns the form that creates an access token. For a POST request, the form has the values that were sent.
func (r *request) newTokenForm() accessTokenForm {
	f := r.tokenForm(r.text("comment"), r.scopesInForm())
	lives, _ := chosen(tokenLifetimes, r.PostForm.Get("expires_in"))
	if r.Method != http.MethodPost {
		lives, _ = chosen(tokenLifetimes, "7776000")
	}
	f.ExpiresIn = &page.Field{ID: "expires-in", Name: "expires_in", Label: "Expires", Options: lives}
	return f
}

// tokenForm returns a form with the scopes that the operator has, because operators cannot grant other scopes.
func (r *request) tokenForm(comment string, has scopes) accessTokenForm {
	f := accessTokenForm{Comment: page.Field{ID: "comment", Name: "comment", Label: "Purpose", Type: "text", Autocomplete: "off", Value: comment}}
	for _, scope := range directory.AllScopes() {
		if r.may(scopes{scope}) {
			f.Scopes = append(f.Scopes, page.Option{Value: string(scope), Text: string(scope), Chosen: slices.Contains(has, scope)})
		}
	}
	return f
}

// scopesInForm returns the scopes that the sent form selects.
func (r *request) scopesInForm() scopes {
	var all scopes
	for _, text := range r.PostForm["scopes"] {
		all = append(all, directory.Scope(text))
	}
	return all
}

// requestedScopes returns the scopes that the sent form selects. It returns an error if the form selects no scope.
func (r *request) requestedScopes() (scopes, error) {
	requested := r.scopesInForm()
	if len(requested) == 0 {
		return nil, fault.Rule(fault.Field{Type: "value_error", Name: []any{"scopes"}, Msg: "Select at least one scope."})
	}
	return requested, nil
}

// authority returns the operator's access token as the authority for changes of access tokens.
func (r *request) authority() directory.Authority { return directory.OfToken(r.operator.ID.Key()) }

// createAccessToken answers POST /admin/access-tokens. Its page is the only one that shows the new token.
func (r *request) createAccessToken() error {
	form := r.newTokenForm()
	requested, err := r.requestedScopes()
	if err != nil {
		return r.showAccessTokens(http.StatusUnprocessableEntity, &form, err)
	}
	n := directory.NewAccessToken{Scopes: requested, Comment: r.text("comment")}
	if text := r.PostForm.Get("expires_in"); text != "" {
		seconds, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return page.ErrForm
		}
		d := time.Duration(seconds) * time.Second
		n.ExpiresIn = &d
	}
	created, secret, err := r.Directory.CreateAccessToken(r.Context(), r.org, r.authority(), n)
	if fault.Is(err, fault.RuleViolated) {
		return r.showAccessTokens(http.StatusUnprocessableEntity, &form, err)
	}
	if err != nil {
		return err
	}
	return r.showNewToken(newTokenPage{Token: secret.Reveal(), Comment: tokenName(created)})
}

// showNewToken shows an access token that was created or made by rotation.
func (r *request) showNewToken(content newTokenPage) error {
	shown := r.newView("New access token")
	shown.Page = content
	return r.show(http.StatusOK, "new-token", shown)
}

// accessToken answers GET /admin/access-tokens/{id}.
func (r *request) accessToken() error {
	t, err := r.accessTokenInPath()
	if err != nil {
		return err
	}
	return r.showAccessToken(http.StatusOK, t, r.tokenForm(t.Comment, t.Scopes), nil)
}

func (r *request) showAccessToken(status int, t directory.AccessToken, form accessTokenForm, invalid error) error {
	shown := r.newView("Change an access token")
	if invalid != nil && !shown.addErrors(invalid, &form.Comment) {
		return invalid
	}
	shown.Page = accessTokenPage{t.ID.String(), t.ID == r.operator.ID, form}
	return r.show(status, "access-token", shown)
}

// accessTokenInPath returns the access token whose ID is in the path. It returns fault.NotFound, and fault.NotPermitted if the token
// is stronger than the operator's.
func (r *request) accessTokenInPath() (directory.AccessToken, error) {
	id, err := r.id()
	if err != nil {
		return directory.AccessToken{}, err
	}
	t, err := r.Directory.AccessToken(r.Context(), r.org, id)
	if err != nil {
		return t, err
	}
	lineage, err := r.Directory.Lineage(r.Context(), r.operator)
	if err != nil {
		return t, err
	}
	return t, lineage.CheckStrength(t)
}

// changeAccessToken answers POST /admin/access-tokens/{id}.
func (r *request) changeAccessToken() error {
	t, err := r.accessTokenInPath()
	if err != nil {
		return err
	}
	comment := r.text("comment")
	change := directory.AccessTokenChange{Comment: &comment}
	if change.Scopes, err = r.requestedScopes(); err == nil {
		_, err = r.Directory.ChangeAccessToken(r.Context(), r.org, r.authority(), t.ID, change)
	}
	if err != nil {
		return r.showAccessToken(http.StatusUnprocessableEntity, t, r.tokenForm(comment, r.scopesInForm()), err)
	}
	return r.redirectWithNote("access-tokens", noteTokenChanged)
}
