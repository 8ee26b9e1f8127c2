package admin

import (
	"net/http"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
)

// overlaps are the choices of the form that rotates an access token: how long the old token stays valid.
var overlaps = []page.Option{{Value: "86400", Text: "for 1 day"}, {Value: "604800", Text: "for 7 days"}, {Value: "3600", Text: "for 1 hour"}, {Value: "0", Text: "not at all"}}

// confirmRotate answers GET /admin/access-tokens/{id}/rotate.
func (r *request) confirmRotate() error {
	t, err := r.accessTokenInPath()
	if err != nil {
		return err
	}
	return r.showRotate(http.StatusOK, t, nil)
}

func (r *request) showRotate(status int, t directory.AccessToken, invalid error) error {
	shown := r.newView("Rotate " + tokenName(t))
	options, _ := chosen(overlaps, r.PostForm.Get("overlap"))
	overlap := page.Field{ID: "overlap", Name: "overlap", Label: "The old access token stays valid", Options: options}
	if invalid != nil && !shown.addErrors(invalid, &overlap) {
		return invalid
	}
	content := confirmPage{
		Text: "A new access token with the same scopes replaces this one. Access tokens that were created with this one move to the new one. " +
			"The new access token expires when this one would have.",
		Submit: "Rotate", Action: "access-tokens/" + t.ID.String() + "/rotate", Cancel: "access-tokens", Fields: []*page.Field{&overlap}, Harmless: true,
	}
	if t.ID == r.operator.ID {
		content.Text = "You are signed in with this access token, so you are signed out when it ends. " + content.Text
	}
	shown.Page = content
	return r.show(status, "confirm", shown)
}

// rotateAccessToken answers POST /admin/access-tokens/{id}/rotate. Its page shows the new token once.
func (r *request) rotateAccessToken() error {
	t, err := r.accessTokenInPath()
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(r.PostForm.Get("overlap"), 10, 32)
	if err != nil {
		return page.ErrForm
	}
	made, secret, err := r.Directory.RotateAccessToken(r.Context(), r.org, r.authority(), t.ID, directory.Rotation{Overlap: time.Duration(seconds) * time.Second})
	if fault.Is(err, fault.RuleViolated) {
		return r.showRotate(http.StatusUnprocessableEntity, t, err)
	}
	if err != nil {
		return err
	}
	return r.showNewToken(newTokenPage{Token: secret.Reveal(), Comment: tokenName(made)})
}

// confirmRevoke answers GET /admin/access-tokens/{id}/revoke.
func (r *request) confirmRevoke() error {
	t, err := r.accessTokenInPath()
	if err != nil {
		return err
	}
	shown := r.newView("Revoke " + tokenName(t))
	content := confirmPage{
		Text:   "Requests with this access token will be refused, and so will requests with access tokens that were created with it.",
		Submit: "Revoke", Action: "access-tokens/" + t.ID.String() + "/revoke", Cancel: "access-tokens",
		Check: &check{Name: "end_sessions", Text: "Also end the sessions that were created with these access tokens. Choose this if the access token has leaked."},
	}
	if t.ID == r.operator.ID {
		content.Text = "You are signed in with this access token, so revoking it signs you out. " + content.Text
	}
	shown.Page = content
	return r.show(http.StatusOK, "confirm", shown)
}

// revokeAccessToken answers POST /admin/access-tokens/{id}/revoke.
func (r *request) revokeAccessToken() error {
	id, err := r.id()
	if err != nil {
		return err
	}
	if err := r.Directory.RevokeAccessToken(r.Context(), r.org, r.authority(), id, r.checked("end_sessions")); err != nil {
		return err
	}
	r.admin.live.invalidate(r.org.ID.Key())
	if id == r.operator.ID {
		r.cookies().DeleteSession(r.Exchange)
		return r.redirectWithNote("sign-in", noteTokenRevoked)
	}
	return r.redirectWithNote("access-tokens", noteTokenRevoked)
}
