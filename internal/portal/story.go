package portal

import (
	"net/http"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// story is one page in one state, with sample data. It is made by the functions that make the page itself.
type story struct {
	name, page string
	// from is who looks at it; nil for somebody who is not signed in.
	from func(v *visit)
	view func(v *visit) view
}

// noon is when all stories take place, and ids number their people.
var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

func storyID(n int64) token.ID { return token.IDOf(token.Key(n), n) }

func some(text string) *string { return &text }

func stories() []story {
	return []story{
		{"request", "request", nil, func(v *visit) view { return v.requestView("", "") }},
		{"request-prefilled", "request", nil, func(v *visit) view { return v.requestView("ada@example.com", "") }},
		{"request-wrong", "request", nil, func(v *visit) view { return v.requestView("ada@", v.tongue.Text("flaw.email")) }},
		{"request-bad-link", "request", nil, noted(noteBadLink, "", func(v *visit) view { return v.requestView("ada@example.com", "") })},
		{"request-ended", "request", nil, noted(noteEnded, "", func(v *visit) view { return v.requestView("ada@example.com", "") })},
		{"request-not-saved", "request", nil, noted(noteNotSaved, "", func(v *visit) view { return v.requestView("ada@example.com", "") })},
		{"request-signed-out", "request", nil, noted(noteSignedOut, "", func(v *visit) view { return v.requestView("", "") })},
		{"request-transferred", "request", nil, noted(noteSignInAgain, "", func(v *visit) view { return v.requestView("ada@example.com", "") })},
		{"request-branded", "request", branded, func(v *visit) view { return v.requestView("", "") }},

		{"code", "authenticate", nil, func(v *visit) view { return v.codeView("") }},
		{"code-sent", "authenticate", sent(0), func(v *visit) view { return v.codeView("") }},
		{"code-resend", "authenticate", sent(time.Minute), func(v *visit) view { return v.codeView("") }},
		{"code-wrong", "authenticate", sent(time.Minute), func(v *visit) view { return v.codeView(v.tongue.Text("code.wrong")) }},
		{"code-expired", "authenticate", sent(time.Hour), func(v *visit) view { return v.codeView(v.tongue.Text("code.expired")) }},
		{"code-missing", "authenticate", sent(time.Minute), func(v *visit) view { return v.codeView(v.tongue.Text("code.missing")) }},
		{"code-long", "authenticate", longCodes, func(v *visit) view { return v.codeView("") }},
		{"choose", "choose", nil, func(v *visit) view {
			return v.chooseView("authenticate", "code", "A1B2C3", "ada@example.com", []login.Choice{
				{ID: storyID(1), Name: some("Ada Lovelace")}, {ID: storyID(2), Name: some("Analytical Engines Ltd")}, {ID: storyID(3)},
			})
		}},
		{"verify-email", "verify-email", nil, (*visit).verifyView},
		{"verify-email-invalid", "problem", nil, failed(fault.New(fault.InvalidEmailUpdate, ""))},
		{"verify-email-taken", "problem", nil, failed(fault.New(fault.RuleViolated, ""))},

		{"overview", "overview", individual, (*visit).overviewView},
		{"overview-branded", "overview", both(branded, owner), (*visit).overviewView},
		{"overview-customer", "overview", customer, (*visit).overviewView},
		{"overview-impersonated", "overview", impersonated, (*visit).overviewView},
		{"overview-member", "overview", member, (*visit).overviewView},
		{"overview-ending", "overview", both(individual, ending), (*visit).overviewView},
		{"overview-read-only", "overview", both(individual, readOnly), (*visit).overviewView},
		{"overview-return", "overview", both(individual, returning), (*visit).overviewView},
		{"overview-continue", "overview", both(individual, continuing), (*visit).overviewView},

		{"settings", "settings", individual, settingsStory(settingsForms{})},
		{"settings-saved", "settings", individual, noted(noteBilling, "", settingsStory(settingsForms{}))},
		{"settings-email-sent", "settings", individual, noted(noteEmailSent, "ada@example.org", settingsStory(settingsForms{}))},
		{"settings-email-changed", "settings", individual, noted(noteEmail, "", settingsStory(settingsForms{}))},
		{"settings-wrong", "settings", individual, wrongSettings},
		{"settings-member", "settings", member, settingsStory(settingsForms{})},
		{"settings-read-only", "settings", both(individual, readOnly), settingsStory(settingsForms{})},
		{"settings-empty", "settings", customer, settingsStory(settingsForms{})},

		{"team", "team", owner, teamStory(3, nil)},
		{"team-manager", "team", manager, teamStory(3, nil)},
		{"team-member", "team", member, teamStory(3, nil)},
		{"team-read-only", "team", both(owner, readOnly), teamStory(3, nil)},
		{"team-added", "team", owner, noted(noteAdded, "Grace Hopper", teamStory(4, nil))},
		{"team-changed", "team", owner, noted(noteChanged, "Charles Babbage", teamStory(3, nil))},
		{"team-removed", "team", owner, noted(noteRemoved, "Grace Hopper", teamStory(3, nil))},
		{"team-transferred", "team", manager, noted(noteTransferred, "Charles Babbage", teamStory(3, nil))},
		{"team-gone", "team", owner, noted(noteGone, "", teamStory(3, nil))},
		{"team-wrong", "team", owner, wrongTeam},
		{"team-large", "team", owner, teamStory(120, nil)},
		{"team-transfer", "confirm", owner, func(v *visit) view { return v.transferView(storyMembers(3)[1]) }},
		{"team-remove", "confirm", owner, func(v *visit) view { return v.removeView(storyMembers(3)[1]) }},

		{"sessions", "sessions", individual, sessionsStory(3, 3)},
		{"sessions-one", "sessions", individual, sessionsStory(1, 1)},
		{"sessions-many", "sessions", individual, sessionsStory(4, 123)},
		{"sessions-read-only", "sessions", both(individual, readOnly), sessionsStory(3, 3)},
		{"sessions-ended-one", "sessions", individual, noted(noteEndedOne, "", sessionsStory(2, 2))},
		{"sessions-ended-others", "sessions", individual, noted(noteEndedOthers, "", sessionsStory(1, 1))},

		{"problem-missing", "problem", individual, failed(errNoPage)},
		{"problem-missing-outside", "problem", nil, failed(errNoPage)},
		{"problem-nobody", "problem", nowhere, failed(errNobody)},
		{"problem-method", "problem", nil, failed(fault.New(fault.WrongMethod, ""))},
		{"problem-blocked", "problem", nil, failed(errBlocked)},
		{"problem-too-many", "problem", nil, failed(&fault.Error{Code: fault.TooMany, RetryAfter: 15 * time.Minute})},
		{"problem-forbidden", "problem", member, failed(fault.New(fault.NotPermitted, ""))},
		{"problem-read-only", "problem", both(individual, readOnly), failed(errReadOnly)},
		{"problem-cross-site", "problem", nil, failed(errCrossSite)},
		{"problem-form", "problem", individual, failed(web.ErrForm)},
		{"problem-busy", "problem", nil, failed(fault.New(fault.Unavailable, ""))},
		{"problem-internal", "problem", individual, failed(fault.New(fault.Internal, ""))},
	}
}

// storyVisit is a visit that no request has begun.
func storyVisit(l *tongue, base string) *visit {
	public := &url.URL{Scheme: "https", Host: "portal.example.com"}
	return &visit{
		Portal:   &Portal{Deps: Deps{PublicURL: public, Login: login.New(login.Deps{}, login.Options{}), Now: func() time.Time { return noon }}},
		Exchange: &web.Exchange{ResponseWriter: discarded{http.Header{}}}, Request: &http.Request{Method: http.MethodGet, Header: http.Header{}},
		base: base, path: "overview", tongue: l,
		org: directory.Organization{ID: storyID(9), Slug: "acme", Name: "Acme", MemberModel: true, EmailChange: true},
	}
}

// discarded takes the headers that a page sets on its way.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d discarded) WriteHeader(int)             {}

func noted(n note, about string, next func(v *visit) view) func(v *visit) view {
	return func(v *visit) view {
		v.memory.Note, v.memory.About = n, about
		return next(v)
	}
}

func failed(err error) func(v *visit) view {
	return func(v *visit) view {
		_, shown := v.problemView(err)
		return shown
	}
}

func both(first, then func(v *visit)) func(v *visit) {
	return func(v *visit) {
		first(v)
		then(v)
	}
}

func sent(ago time.Duration) func(v *visit) {
	return func(v *visit) { v.memory.Email, v.memory.SentAt = "ada@example.com", noon.Add(-ago) }
}

func longCodes(v *visit) {
	sent(time.Minute)(v)
	v.Login = login.New(login.Deps{}, login.Options{Length: 12})
}

func nowhere(v *visit) { v.org = directory.Organization{} }

func branded(v *visit) {
	v.org.Name = "Analytical Engines & Daughters of the Royal Society"
	v.org.Portal = directory.PortalSettings{AccentColor: "#facc15", ReturnURL: "https://app.example.com/account"}
}
