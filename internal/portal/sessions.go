package portal

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// sessionsShown is how many sessions are on the page: who has more ends the others at once.
const sessionsShown = 50

// sessions is /{slug}/portal/sessions.
func (v *visit) sessions() error {
	own, total, err := v.Sessions.ListOwn(v.Context(), v.live, 1, sessionsShown)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "sessions", v.sessionsView(own, total))
}

func (v *visit) sessionsView(own []session.Entry, total int) view {
	shown := v.frame(v.tongue.Text("sessions.title"))
	shown.Path = "sessions"
	page := sessionsPage{Others: total > 1, More: total - len(own)}
	for _, e := range own {
		page.Sessions = append(page.Sessions, v.sessionRow(e))
	}
	shown.Page = page
	return shown
}

// sessionRow shows who used the session last, or else who made it.
func (v *visit) sessionRow(e session.Entry) sessionRow {
	last := e.CreatedBy
	if e.LastUsedBy != (session.Client{}) {
		last = e.LastUsedBy
	}
	d := deviceOf(last.UserAgent)
	row := sessionRow{
		ID: e.ID.String(), Device: v.tongue.device(d), Phone: d.phone, IP: last.IP, Current: e.ID == v.live.ID,
		CreatedAt: e.CreatedAt, SeenAt: e.LastUsedAt, EndsAt: e.EndsAt(),
	}
	if e.Impersonated() {
		row.Device = v.tongue.Text("impersonated.device", "Name", short(v.org.Name))
	}
	return row
}

// endSession ends one of the visitor's sessions.
func (v *visit) endSession() error {
	id, err := body.PathUUID("session", v.PostForm.Get("session"))
	if err != nil {
		return web.ErrForm.Because(err)
	}
	if token.ID(id) == v.live.ID {
		return v.signOut()
	}
	if err := v.Sessions.RevokeOwn(v.Context(), v.live, id); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return v.leadWith("sessions", noteEndedOne)
}

// endOtherSessions ends all of the visitor's sessions but this one.
func (v *visit) endOtherSessions() error {
	for {
		own, _, err := v.Sessions.ListOwn(v.Context(), v.live, 1, sessionsShown)
		if err != nil {
			return err
		}
		ended := 0
		for _, e := range own {
			if e.ID == v.live.ID {
				continue
			}
			if err := v.Sessions.RevokeOwn(v.Context(), v.live, e.ID); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			ended++
		}
		if ended == 0 {
			return v.leadWith("sessions", noteEndedOthers)
		}
	}
}
