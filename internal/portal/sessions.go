package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// sessionsShown is the number of sessions that the page lists. The page also has a button that ends all other sessions at once.
const sessionsShown = 50

// sessions answers GET /{slug}/portal/sessions.
func (r *request) sessions() error {
	own, total, err := r.Sessions.ListOwn(r.Context(), r.session, 1, sessionsShown, 0)
	if err != nil {
		return err
	}
	return r.show(http.StatusOK, "sessions", r.sessionsView(own, total))
}

func (r *request) sessionsView(own []session.Entry, total int) view {
	shown := r.newView(r.localizer.Text("sessions.title"))
	shown.Path = "sessions"
	content := sessionsPage{Others: total > 1, More: total - len(own)}
	for _, e := range own {
		content.Sessions = append(content.Sessions, r.sessionRow(e))
	}
	shown.Page = content
	return shown
}

// sessionRow describes the client that last used the session, or that created it if it was never used.
func (r *request) sessionRow(e session.Entry) sessionRow {
	last, used := e.ClientsForHolder()
	if used != (session.Client{}) {
		last = used
	}
	current := e.ID == r.session.ID
	if current && !e.Impersonated && last == (session.Client{}) { // the store does not have every use
		last = r.Client()
	}
	d := last.Device()
	row := sessionRow{
		ID: e.ID.String(), Device: r.localizer.device(d), Phone: d.Phone, IP: last.IP, Current: current,
		CreatedAt: e.CreatedAt, SeenAt: e.LastUsedAt, EndsAt: e.EndsAt(),
	}
	switch {
	case e.Impersonated:
		row.Device = r.localizer.Text("impersonated.device", "Name", shorten(r.org.Name))
	case e.Creator != 0 && last == (session.Client{}): // the customer has not used the session yet
		row.Device = r.localizer.Text("device.opened", "Name", shorten(r.org.Name))
	}
	return row
}

// endSession answers POST /{slug}/portal/sessions, which ends one of the customer's sessions.
func (r *request) endSession() error {
	id, err := body.PathUUID("session", r.PostForm.Get("session"))
	if err != nil {
		return page.ErrForm.Because(err)
	}
	if token.ID(id) == r.session.ID {
		return r.signOut()
	}
	if err := r.Sessions.RevokeOwn(r.Context(), r.session, id); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return r.redirectWithNote("sessions", noteEndedOne)
}

// endOtherSessions answers POST /{slug}/portal/sessions/others, which ends all of the customer's sessions except the current one.
func (r *request) endOtherSessions() error {
	for {
		own, _, err := r.Sessions.ListOwn(r.Context(), r.session, 1, sessionsShown, 0)
		if err != nil {
			return err
		}
		ended := 0
		for _, e := range own {
			if e.ID == r.session.ID {
				continue
			}
			if err := r.Sessions.RevokeOwn(r.Context(), r.session, e.ID); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			ended++
		}
		if ended == 0 {
			return r.redirectWithNote("sessions", noteEndedOthers)
		}
	}
}
