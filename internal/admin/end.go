package admin

import (
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
)

func reasonField() page.Field {
	return page.Field{
		ID: "reason", Name: "reason", Label: "Reason", Type: "text",
		Hint: "A word or a few, such as fraud: it stands in the session, in the API and in webhooks. Without one it is “" + string(session.RevokedByIssuer) + "”.",
	}
}

// reason is the one that the form gives.
func (r *request) reason() (session.Reason, error) {
	text := r.text("reason")
	if utf8.RuneCountInString(text) > session.MaxReason {
		return "", fault.Rule(fault.Field{Type: "value_error", Name: []any{"reason"}, Msg: fmt.Sprintf("A reason has %d characters at most.", session.MaxReason)})
	}
	return session.ReasonOrDefault(text), nil
}

// endSession ends one session, and leads back to where it was seen.
func (r *request) endSession() error {
	id, err := r.id()
	if err != nil {
		return err
	}
	reason, err := r.reason()
	if err != nil {
		return r.showReasonError(err)
	}
	back := "sessions/" + id.String()
	if text := r.PostForm.Get("customer"); text != "" {
		customer, err := readID(text)
		if err != nil {
			return err
		}
		back = "customers/" + customer.String()
	} else if r.checked("list") {
		back = "sessions"
	}
	if _, err := r.Sessions.Revoke(r.Context(), r.org.ID.Key(), id, reason); err != nil {
		return err
	}
	r.admin.live.invalidate(r.org.ID.Key())
	return r.redirectWithNote(back, noteEndedOne)
}

// showReasonError shows the session again, with what is wrong.
func (r *request) showReasonError(err error) error {
	id, wrong := r.id()
	if wrong != nil {
		return wrong
	}
	e, wrong := r.Sessions.Get(r.Context(), r.org.ID.Key(), id)
	if wrong != nil {
		return wrong
	}
	shown, wrong := r.sessionView(e)
	if wrong != nil {
		return wrong
	}
	content := shown.Page.(sessionPage)
	content.Reason.Value = r.text("reason")
	if !shown.addErrors(err, &content.Reason) {
		return err
	}
	shown.Page = content
	return r.show(http.StatusUnprocessableEntity, "session", shown)
}

// confirmEndHolder is /admin/customers/{id}/end: of the customer and all its members, or of the one member that is named.
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
		Text:   "Everybody who is signed in for this customer is signed out, its members included. A single number grows for that, so it is done when the next page is there, however many sessions there are. Sessions that are made later are not touched.",
		Submit: "End all sessions", Action: "customers/" + c.ID.String() + "/end", Cancel: "customers/" + c.ID.String(), Fields: []*page.Field{&reason},
	}
	if m != nil {
		shown.Title = "End all sessions of " + memberName(*m)
		content.Text = "This member is signed out everywhere. A single number grows for that, so it is done when the next page is there. Sessions of others, and those that are made later, are not touched."
		content.Hidden = []page.Option{{Value: m.ID.String(), Text: "member"}}
	}
	shown.addErrors(invalid, &reason)
	shown.Page = content
	return shown
}

// endHolder is the form of confirmEndHolder.
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

// confirmEndAll is /admin/sessions/end.
func (r *request) confirmEndAll() error { return r.show(http.StatusOK, "confirm", r.endAllView(nil)) }

func (r *request) endAllView(invalid error) view {
	shown := r.newView("End every session of " + r.org.Name)
	reason := reasonField()
	reason.Value = r.text("reason")
	slug := page.Field{
		ID: "slug", Name: "slug", Label: "Type " + r.org.Slug + " to go on", Type: "text", Autocomplete: "off", Required: true, Value: r.text("slug"),
	}
	shown.addErrors(invalid, &reason, &slug)
	shown.Page = confirmPage{
		Text: "Every customer and every member is signed out, everywhere. A single number grows for that, so it is done when the next page is there, however many sessions there are. " +
			"Where webhooks want to hear of each, that takes a little longer, and the page of sessions says how many are left.",
		Submit: "End every session", Action: "sessions/end", Cancel: "sessions", Fields: []*page.Field{&slug, &reason},
	}
	return shown
}

// endAll is the form of confirmEndAll.
func (r *request) endAll() error {
	reason, err := r.reason()
	if r.text("slug") != r.org.Slug {
		err = fault.Rule(fault.Field{Type: "value_error", Name: []any{"slug"}, Msg: "Type " + r.org.Slug + ", so that nobody ends everybody’s sessions by accident."})
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
