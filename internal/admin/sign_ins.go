package admin

import (
	"net/http"
	"slices"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// maxSignIns is the number of sign-ins that the page lists.
const maxSignIns = 200

// signIns answers GET /admin/sign-ins, which lists the operators who are signed in.
func (r *request) signIns() error {
	found, err := r.Directory.OperatorSessions(r.Context(), r.org, maxSignIns)
	if err != nil {
		return err
	}
	lineage, err := r.Directory.Lineage(r.Context(), r.operator)
	if err != nil {
		return err
	}
	type named struct {
		name     string
		stronger bool
	}
	tokens := map[token.ID]named{}
	content := signInsPage{Denied: r.denial(accessTokens, "Signing operators out")}
	for _, s := range found {
		if _, known := tokens[s.AccessToken]; !known {
			t, err := r.Directory.AccessToken(r.Context(), r.org, s.AccessToken)
			if fault.Is(err, fault.NotFound) { // revoked during the request
				continue
			}
			if err != nil {
				return err
			}
			tokens[s.AccessToken] = named{tokenName(t), lineage.CheckStrength(t) != nil}
		}
		t := tokens[s.AccessToken]
		content.SignIns = append(content.SignIns, signInRow{
			ID: s.ID.String(), Token: t.name, Stronger: t.stronger, Own: s.ID == r.operatorSession.ID, CreatedAt: s.CreatedAt, LastUsedAt: s.LastUsedAt, EndsAt: s.ExpiresAt,
			IP: s.LastUsedBy.IP, Agent: s.LastUsedBy.UserAgent, CreatedIP: s.CreatedBy.IP,
		})
	}
	shown := r.newView("Sign-ins")
	shown.Page = content
	return r.show(http.StatusOK, "sign-ins", shown)
}

// confirmEndSignIn answers GET /admin/sign-ins/{id}/end.
func (r *request) confirmEndSignIn() error {
	id, err := r.id()
	if err != nil {
		return err
	}
	found, err := r.Directory.OperatorSessions(r.Context(), r.org, maxSignIns)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(found, func(s directory.OperatorSession) bool { return s.ID == id })
	if at < 0 {
		return page.ErrNoPage
	}
	s := found[at]
	t, err := r.Directory.AccessToken(r.Context(), r.org, s.AccessToken)
	if err != nil {
		return err
	}
	shown := r.newView("Sign out " + tokenName(t))
	content := confirmPage{
		Text:   "This signs the operator out in that browser at once. The access token stays valid.",
		Submit: "Sign out", Action: "sign-ins/" + id.String() + "/end", Cancel: "sign-ins",
		Facts: []timedFact{{Label: "Signed in", At: s.CreatedAt}, {Label: "Last used", At: s.LastUsedAt}, {Label: "Last used from", Text: s.LastUsedBy.IP}, {Label: "Browser", Text: s.LastUsedBy.UserAgent}},
	}
	if id == r.operatorSession.ID {
		content.Text = "This signs you out in this browser. The access token stays valid."
	}
	shown.Page = content
	return r.show(http.StatusOK, "confirm", shown)
}

// endSignIn answers POST /admin/sign-ins/{id}/end, which signs an operator out.
func (r *request) endSignIn() error {
	id, err := r.id()
	if err != nil {
		return err
	}
	if err := r.Directory.RevokeOperatorSession(r.Context(), r.asOperator(), id); err != nil {
		return err
	}
	if id == r.operatorSession.ID {
		r.cookies().DeleteSession(r.Exchange)
		return r.redirectWithNote("sign-in", noteSignedOut)
	}
	return r.redirectWithNote("sign-ins", noteSignInEnded)
}
