package admin

import (
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
)

func reasonField() field {
	return field{
		ID: "reason", Name: "reason", Label: "Reason", Type: "text",
		Hint: "A word or a few, such as fraud: it stands in the session, in the API and in webhooks. Without one it is “" + string(session.RevokedByIssuer) + "”.",
	}
}

// reason is the one that the form gives.
func (v *visit) reason() (session.Reason, error) {
	text := v.text("reason")
	if utf8.RuneCountInString(text) > session.MaxReason {
		return "", fault.Rule(fault.Field{Type: "value_error", Name: []any{"reason"}, Msg: fmt.Sprintf("A reason has %d characters at most.", session.MaxReason)})
	}
	return session.ReasonOrDefault(text), nil
}

// endSession ends one session, and leads back to where it was seen.
func (v *visit) endSession() error {
	id, err := v.id()
	if err != nil {
		return err
	}
	reason, err := v.reason()
	if err != nil {
		return v.refuseReason(err)
	}
	back := "sessions/" + id.String()
	if text := v.PostForm.Get("customer"); text != "" {
		customer, err := readID(text)
		if err != nil {
			return err
		}
		back = "customers/" + customer.String()
	} else if v.checked("list") {
		back = "sessions"
	}
	if _, err := v.Sessions.Revoke(v.Context(), v.org.ID.Key(), id, reason); err != nil {
		return err
	}
	v.live.forget(v.org.ID.Key())
	return v.leadWith(back, noteEndedOne)
}

// refuseReason shows the session again, with what is wrong.
func (v *visit) refuseReason(err error) error {
	id, wrong := v.id()
	if wrong != nil {
		return wrong
	}
	e, wrong := v.Sessions.Get(v.Context(), v.org.ID.Key(), id)
	if wrong != nil {
		return wrong
	}
	shown, wrong := v.sessionView(e)
	if wrong != nil {
		return wrong
	}
	page := shown.Page.(sessionPage)
	page.Reason.Value = v.text("reason")
	if !shown.flawed(err, &page.Reason) {
		return err
	}
	shown.Page = page
	return v.show(http.StatusUnprocessableEntity, "session", shown)
}

// askToEndOfHolder is /admin/customers/{id}/end: of the customer and all its members, or of the one member that is named.
func (v *visit) askToEndOfHolder() error {
	c, err := v.customerInPath()
	if err != nil {
		return err
	}
	m, err := v.memberOf(c, v.URL.Query().Get("member"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "confirm", v.endOfHolderView(c, m, nil))
}

func (v *visit) endOfHolderView(c directory.Customer, m *directory.Member, wrong error) view {
	shown := v.frame("End all sessions of " + nameOf(c))
	reason := reasonField()
	reason.Value = v.text("reason")
	page := confirmPage{
		Text:   "Everybody who is signed in for this customer is signed out, its members included. A single number grows for that, so it is done when the next page is there, however many sessions there are. Sessions that are made later are not touched.",
		Submit: "End all sessions", Action: "customers/" + c.ID.String() + "/end", Cancel: "customers/" + c.ID.String(), Fields: []*field{&reason},
	}
	if m != nil {
		shown.Title = "End all sessions of " + memberName(*m)
		page.Text = "This member is signed out everywhere. A single number grows for that, so it is done when the next page is there. Sessions of others, and those that are made later, are not touched."
		page.Hidden = []option{{Value: m.ID.String(), Text: "member"}}
	}
	shown.flawed(wrong, &reason)
	shown.Page = page
	return shown
}

// endOfHolder is the form of askToEndOfHolder.
func (v *visit) endOfHolder() error {
	c, err := v.customerInPath()
	if err != nil {
		return err
	}
	m, err := v.memberOf(c, v.PostForm.Get("member"))
	if err != nil {
		return err
	}
	reason, err := v.reason()
	if err != nil {
		return v.show(http.StatusUnprocessableEntity, "confirm", v.endOfHolderView(c, m, err))
	}
	if m != nil {
		err = v.Directory.EndMemberSessions(v.Context(), c, m.ID, reason)
	} else {
		err = v.Directory.EndCustomerSessions(v.Context(), v.org, c.ID, reason)
	}
	if err != nil {
		return err
	}
	v.live.forget(v.org.ID.Key())
	return v.leadWith("customers/"+c.ID.String(), noteEndedHolder)
}

// askToEndAll is /admin/sessions/end.
func (v *visit) askToEndAll() error { return v.show(http.StatusOK, "confirm", v.endAllView(nil)) }

func (v *visit) endAllView(wrong error) view {
	shown := v.frame("End every session of " + v.org.Name)
	reason := reasonField()
	reason.Value = v.text("reason")
	slug := field{
		ID: "slug", Name: "slug", Label: "Type " + v.org.Slug + " to go on", Type: "text", Autocomplete: "off", Required: true, Value: v.text("slug"),
	}
	shown.flawed(wrong, &reason, &slug)
	shown.Page = confirmPage{
		Text: "Every customer and every member is signed out, everywhere. A single number grows for that, so it is done when the next page is there, however many sessions there are. " +
			"Where webhooks want to hear of each, that takes a little longer, and the page of sessions says how many are left.",
		Submit: "End every session", Action: "sessions/end", Cancel: "sessions", Fields: []*field{&slug, &reason},
	}
	return shown
}

// endAll is the form of askToEndAll.
func (v *visit) endAll() error {
	reason, err := v.reason()
	if v.text("slug") != v.org.Slug {
		err = fault.Rule(fault.Field{Type: "value_error", Name: []any{"slug"}, Msg: "Type " + v.org.Slug + ", so that nobody ends everybody’s sessions by accident."})
	}
	if err != nil {
		return v.show(http.StatusUnprocessableEntity, "confirm", v.endAllView(err))
	}
	if err := v.Directory.EndSessions(v.Context(), v.org, reason); err != nil {
		return err
	}
	v.live.forget(v.org.ID.Key())
	return v.leadWith("sessions", noteEndedAll)
}
