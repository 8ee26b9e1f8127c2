package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

func reasonField() page.Field {
	return page.Field{
		ID: "reason", Name: "reason", Label: "Reason", Type: "text",
		Hint: "Optional, such as fraud. The reason is shown with the session, in the API and in webhook events. Default: “" + string(session.RevokedByIssuer) + "”.",
	}
}

// reason returns the reason in the form, or the default reason if the form has none. It returns a validation error if the reason
// is too long.
func (r *request) reason() (session.Reason, error) {
	text := r.text("reason")
	if utf8.RuneCountInString(text) > session.MaxReason {
		return "", fault.Rule(fault.Field{Type: "value_error", Name: []any{"reason"}, Msg: fmt.Sprintf("Use at most %d characters.", session.MaxReason)})
	}
	return session.ReasonOrDefault(text), nil
}

// confirmEndSession answers GET /admin/sessions/{id}/end. The query parameter back is the page on which the operator clicked End.
func (r *request) confirmEndSession() error {
	e, err := r.sessionInPath()
	if err != nil {
		return err
	}
	if e.State(r.Now()) != session.Live {
		return r.Redirect("sessions/" + e.ID.String())
	}
	shown, err := r.endSessionView(e, r.URL.Query().Get("back"), nil)
	if err != nil {
		return err
	}
	return r.show(http.StatusOK, "confirm", shown)
}

// sessionInPath returns the session whose ID is in the path, or fault.NotFound.
func (r *request) sessionInPath() (session.Entry, error) {
	id, err := r.id()
	if err != nil {
		return session.Entry{}, err
	}
	return r.Sessions.Get(r.Context(), r.org.ID.Key(), id)
}

func (r *request) endSessionView(e session.Entry, back string, invalid error) (view, error) {
	row, err := r.names().row(e)
	if err != nil {
		return view{}, err
	}
	shown := r.newView("End the session of " + row.Who)
	reason := reasonField()
	reason.Value = r.text("reason")
	shown.addErrors(invalid, &reason)
	back = backTo(back, "sessions/"+row.ID)
	content := confirmPage{
		Text:   "This signs out " + row.Who + " where this session is used. It takes effect at once and cannot be undone. Other sessions are not affected.",
		Submit: "End the session", Action: "sessions/" + row.ID + "/end", Cancel: back, Hidden: []page.Option{{Text: "back", Value: back}},
		Fields: []*page.Field{&reason}, Facts: []timedFact{{Label: "Created", At: row.CreatedAt}, {Label: "Created by", Text: row.By}},
	}
	if row.LastUsedIP != "" {
		content.Facts = append(content.Facts, timedFact{Label: "Last used from", Text: row.LastUsedIP})
	}
	if !row.LastUsedAt.IsZero() {
		content.Facts = append(content.Facts, timedFact{Label: "Last used", At: row.LastUsedAt})
	}
	shown.Page = content
	return shown, nil
}

// backTo returns the path and query of a page that lists sessions, relative to /admin. If the text is another address, it returns
// otherwise.
func backTo(text, otherwise string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return otherwise
	}
	customer, isCustomer := strings.CutPrefix(u.Path, "customers/")
	if isCustomer {
		_, isCustomer = token.ParseID(customer)
	}
	if u.Path != "sessions" && !isCustomer {
		return otherwise
	}
	return withQuery(u.Path, u.Query())
}

// endSession answers POST /admin/sessions/{id}/end. It redirects to the page on which the operator clicked End.
func (r *request) endSession() error {
	e, err := r.sessionInPath()
	if err != nil {
		return err
	}
	back := backTo(r.PostForm.Get("back"), "sessions/"+e.ID.String())
	reason, invalid := r.reason()
	if invalid != nil {
		shown, err := r.endSessionView(e, back, invalid)
		if err != nil {
			return err
		}
		return r.show(http.StatusUnprocessableEntity, "confirm", shown)
	}
	if _, err := r.Sessions.Revoke(r.Context(), r.org.ID.Key(), e.ID, reason); err != nil {
		return err
	}
	r.admin.live.invalidate(r.org.ID.Key())
	return r.redirectWithNote(back, noteEndedOne)
}

// confirmEndHolder answers GET /admin/customers/{id}/end. With the query parameter member, only that member's sessions will end.
func (r *request) confirmEndHolder() error {
	c, err := r.customerInPath()
	if err != nil {
		return err
	}
	m, err := r.memberOf(c, r.URL.Query().Get("member"))
	if err != nil {
		return err
	}
	return r.show(http.StatusOK, "confirm", r.endHolderView(c, m, nil))
}

func (r *request) endHolderView(c directory.Customer, m *directory.Member, invalid error) view {
	shown := r.newView("End all sessions of " + customerName(c))
	reason := reasonField()
	reason.Value = r.text("reason")
	content := confirmPage{
		Text:   "This signs out the customer and all its members, everywhere. It takes effect at once. Sessions that are created later are not affected.",
		Submit: "End all sessions", Action: "customers/" + c.ID.String() + "/end", Cancel: "customers/" + c.ID.String(), Fields: []*page.Field{&reason},
	}
	if m != nil {
		shown.Title = "End all sessions of " + memberName(*m)
		content.Text = "This signs out this member everywhere. It takes effect at once. Sessions of other members and sessions that are created later are not affected."
		content.Hidden = []page.Option{{Value: m.ID.String(), Text: "member"}}
	}
	shown.addErrors(invalid, &reason)
	shown.Page = content
	return shown
}

// endHolder answers POST /admin/customers/{id}/end.
func (r *request) endHolder() error {
	c, err := r.customerInPath()
	if err != nil {
		return err
	}
	m, err := r.memberOf(c, r.PostForm.Get("member"))
	if err != nil {
		return err
	}
	reason, err := r.reason()
	if err != nil {
		return r.show(http.StatusUnprocessableEntity, "confirm", r.endHolderView(c, m, err))
	}
	if m != nil {
		err = r.Directory.EndMemberSessions(r.Context(), c, m.ID, reason)
	} else {
		err = r.Directory.EndCustomerSessions(r.Context(), r.org, c.ID, reason)
	}
	if err != nil {
		return err
	}
	r.admin.live.invalidate(r.org.ID.Key())
	return r.redirectWithNote("customers/"+c.ID.String(), noteEndedHolder)
}

// confirmEndAll answers GET /admin/sessions/end.
func (r *request) confirmEndAll() error { return r.show(http.StatusOK, "confirm", r.endAllView(nil)) }

func (r *request) endAllView(invalid error) view {
	shown := r.newView("End every session of " + r.org.Name)
	reason := reasonField()
	reason.Value = r.text("reason")
	slug := page.Field{
		ID: "slug", Name: "slug", Label: "Type " + r.org.Slug + " to confirm", Type: "text", Autocomplete: "off", Required: true, Value: r.text("slug"),
	}
	shown.addErrors(invalid, &reason, &slug)
	shown.Page = confirmPage{
		Text: "This signs out every customer and every member, everywhere. It takes effect at once. " +
			"If you have webhooks, sending an event for each session takes longer; the sessions page shows how many are left.",
		Submit: "End every session", Action: "sessions/end", Cancel: "sessions", Fields: []*page.Field{&slug, &reason},
	}
	return shown
}

// endAll answers POST /admin/sessions/end.
func (r *request) endAll() error {
	reason, err := r.reason()
	if r.text("slug") != r.org.Slug {
		err = fault.Rule(fault.Field{Type: "value_error", Name: []any{"slug"}, Msg: "Type " + r.org.Slug + " to confirm that all sessions should end."})
	}
	if err != nil {
		return r.show(http.StatusUnprocessableEntity, "confirm", r.endAllView(err))
	}
	if err := r.Directory.EndSessions(r.Context(), r.org, reason); err != nil {
		return err
	}
	r.admin.live.invalidate(r.org.ID.Key())
	return r.redirectWithNote("sessions", noteEndedAll)
}
