package portal

import (
	"net/http"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/web"
)

// story is a page in one state, with sample data. The functions that render the real page also render the story.
type story struct {
	name, page string
	// from signs in the client that opens the page. A nil from means that the client is not signed in.
	from func(r *request)
	view func(r *request) view
}

// noon is the current time in all stories.
var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

func storyID(n int64) token.ID { return token.IDOf(token.Key(n), n) }

func stories() []story {
	return []story{
		{"welcome", "welcome", nowhere, (*request).welcomeView},
		{"request", "request", nil, func(r *request) view { return r.requestView("", "") }},
		{"request-prefilled", "request", nil, func(r *request) view { return r.requestView("ada@example.com", "") }},
		{"request-wrong", "request", nil, func(r *request) view { return r.requestView("ada@", r.localizer.Text("error.email")) }},
		{"request-bad-link", "request", nil, withNote(noteBadLink, "", func(r *request) view { return r.requestView("ada@example.com", "") })},
		{"request-ended", "request", nil, withNote(noteEnded, "", func(r *request) view { return r.requestView("ada@example.com", "") })},
		{"request-not-saved", "request", nil, withNote(noteNotSaved, "", func(r *request) view { return r.requestView("ada@example.com", "") })},
		{"request-signed-out", "request", nil, withNote(noteSignedOut, "", func(r *request) view { return r.requestView("", "") })},
		{"request-transferred", "request", nil, withNote(noteSignInAgain, "", func(r *request) view { return r.requestView("ada@example.com", "") })},
		{"request-no-mail", "request", withoutMail, func(r *request) view { return r.requestView("", "") }},
		{"request-branded", "request", branded, func(r *request) view { return r.requestView("", "") }},

		{"code", "authenticate", nil, func(r *request) view { return r.codeView("") }},
		{"code-sent", "authenticate", sent(0), func(r *request) view { return r.codeView("") }},
		{"code-resend", "authenticate", sent(time.Minute), func(r *request) view { return r.codeView("") }},
		{"code-wrong", "authenticate", sent(time.Minute), func(r *request) view { return r.codeView(r.localizer.Text("code.wrong")) }},
		{"code-expired", "authenticate", sent(time.Hour), func(r *request) view { return r.codeView(r.localizer.Text("code.expired")) }},
		{"code-missing", "authenticate", sent(time.Minute), func(r *request) view { return r.codeView(r.localizer.Text("code.missing")) }},
		{"code-long", "authenticate", longCodes, func(r *request) view { return r.codeView("") }},
		{"choose", "choose", nil, func(r *request) view {
			return r.chooseView("authenticate", "code", "A1B2C3", "ada@example.com", []login.Choice{
				{ID: storyID(1), Name: new("Ada Lovelace")}, {ID: storyID(2), Name: new("Analytical Engines Ltd")}, {ID: storyID(3)},
			})
		}},
		{"continue", "continue", nil, continueStory("Ada Lovelace", "ada@example.com")},
		{"continue-unnamed", "continue", nil, continueStory("", "")},
		{"continue-switch", "continue", member, continueStory("Ada Lovelace", "ada@example.com")},
		{"continue-switch-unnamed", "continue", individual, continueStory("", "")},
		{"return", "return", member, func(r *request) view {
			shown := r.returnView("https://app.example.com/.postern/callback?ticket=…", "app.example.com")
			shown.Next = "" // stories stay
			return shown
		}},
		{"application-failed", "application", nil, func(r *request) view { return r.signInFailedView("/reports") }},
		{"application-unknown", "problem", nil, problemStory(errNoApplication)},
		{"application-sign-out", "application", nil, (*request).signOutView},
		{"application-signed-out", "application", nil, func(r *request) view {
			r.application = &url.URL{Scheme: "https", Host: "app.example.com"}
			shown := r.signedOutView("/bye")
			shown.Next = "" // stories stay
			return shown
		}},
		{"verify-email", "verify-email", nil, (*request).verifyView},
		{"verify-email-invalid", "problem", nil, problemStory(fault.New(fault.InvalidEmailUpdate, ""))},
		{"verify-email-taken", "problem", nil, problemStory(fault.New(fault.RuleViolated, ""))},

		{"overview", "overview", individual, overviewStory()},
		{"overview-branded", "overview", combine(branded, owner), overviewStory()},
		{"overview-customer", "overview", customer, overviewStory()},
		{"overview-impersonated", "overview", impersonated, overviewStory()},
		{"overview-accounts", "overview", individual, overviewStory(storyAccounts()...)},
		{"overview-switched", "overview", member, withNote(noteSwitched, "Analytical Engines Ltd", overviewStory(storyAccounts()...))},
		{"overview-member", "overview", member, overviewStory()},
		{"overview-ending", "overview", combine(individual, ending), overviewStory()},
		{"overview-read-only", "overview", combine(individual, readOnly), overviewStory()},
		{"overview-return", "overview", combine(individual, returning), overviewStory()},
		{"overview-continue", "overview", combine(individual, continuing), overviewStory()},

		{"settings", "settings", individual, settingsStory(settingsForms{})},
		{"settings-saved", "settings", individual, withNote(noteBilling, "", settingsStory(settingsForms{}))},
		{"settings-email-sent", "settings", individual, withNote(noteEmailSent, "ada@example.org", settingsStory(settingsForms{}))},
		{"settings-email-changed", "settings", individual, withNote(noteEmail, "", settingsStory(settingsForms{}))},
		{"settings-wrong", "settings", individual, invalidSettings},
		{"settings-us", "settings", american, settingsStory(settingsForms{})},
		{"settings-name", "settings", owner, settingsStory(settingsForms{})},
		{"settings-name-changed", "settings", owner, withNote(noteChanged, "Ada Lovelace", settingsStory(settingsForms{}))},
		{"settings-prove", "settings", individual, settingsStory(settingsForms{prove: true})},
		{"settings-proven", "settings", individual, withNote(noteProven, "", settingsStory(settingsForms{}))},
		{"prove", "prove", individual, proveStory(proveForEmail, false, "")},
		{"prove-sent", "prove", individual, proveStory(proveForEmail, true, "")},
		{"prove-wrong", "prove", individual, proveStory(proveForEmail, true, "prove.wrong")},
		{"prove-transfer", "prove", owner, proveStory(proveForTransfer, true, "")},
		{"settings-member", "settings", member, settingsStory(settingsForms{})},
		{"settings-read-only", "settings", combine(individual, readOnly), settingsStory(settingsForms{})},
		{"settings-empty", "settings", customer, settingsStory(settingsForms{})},

		{"team", "team", owner, teamStory(3, nil)},
		{"team-manager", "team", manager, teamStory(3, nil)},
		{"team-member", "team", member, teamStory(3, nil)},
		{"team-read-only", "team", combine(owner, readOnly), teamStory(3, nil)},
		{"team-added", "team", owner, withNote(noteAdded, "Grace Hopper", teamStory(4, nil))},
		{"team-changed", "team", owner, withNote(noteChanged, "Charles Babbage", teamStory(3, nil))},
		{"team-removed", "team", owner, withNote(noteRemoved, "Grace Hopper", teamStory(3, nil))},
		{"team-transferred", "team", manager, withNote(noteTransferred, "Charles Babbage", teamStory(3, nil))},
		{"team-no-member", "team", owner, withNote(noteNoMember, "", teamStory(3, nil))},
		{"team-wrong", "team", owner, invalidTeam},
		{"team-large", "team", owner, teamStory(120, nil)},
		{"team-transfer", "confirm", owner, func(r *request) view { return r.transferView(storyMembers(3)[1]) }},
		{"team-remove", "confirm", owner, func(r *request) view { return r.removeView(storyMembers(3)[1]) }},

		{"sessions", "sessions", individual, sessionsStory(3, 3)},
		{"sessions-one", "sessions", individual, sessionsStory(1, 1)},
		{"sessions-many", "sessions", individual, sessionsStory(4, 123)},
		{"sessions-read-only", "sessions", combine(individual, readOnly), sessionsStory(3, 3)},
		{"sessions-ended-one", "sessions", individual, withNote(noteEndedOne, "", sessionsStory(2, 2))},
		{"sessions-ended-others", "sessions", individual, withNote(noteEndedOthers, "", sessionsStory(1, 1))},

		{"problem-missing", "problem", individual, problemStory(page.ErrNoPage)},
		{"problem-missing-outside", "problem", nil, problemStory(page.ErrNoPage)},
		{"problem-no-organization", "problem", nowhere, problemStory(errNoOrganization)},
		{"problem-method", "problem", nil, problemStory(fault.New(fault.WrongMethod, ""))},
		{"problem-blocked", "problem", nil, problemStory(directory.ErrBlocked)},
		{"problem-too-many", "problem", nil, problemStory(&fault.Error{Code: fault.TooMany, RetryAfter: 15 * time.Minute})},
		{"problem-forbidden", "problem", member, problemStory(fault.New(fault.NotPermitted, ""))},
		{"problem-read-only", "problem", combine(individual, readOnly), problemStory(errReadOnly)},
		{"problem-cross-site", "problem", nil, problemStory(page.ErrCrossSite)},
		{"problem-form", "problem", individual, problemStory(page.ErrForm)},
		{"problem-busy", "problem", nil, problemStory(fault.New(fault.Unavailable, ""))},
		{"problem-internal", "problem", individual, problemStory(fault.New(fault.Internal, ""))},
	}
}

// newStoryRequest returns the state of a request that was never sent.
func newStoryRequest(l *localizer, base string) *request {
	public := &url.URL{Scheme: "https", Host: "portal.example.com"}
	site := page.NewSite(Deps{PublicURL: public, Login: login.New(login.Deps{}, login.Options{}), Now: func() time.Time { return noon }}, nil, nil)
	return &request{
		Request: &page.Request{
			Site: site, Exchange: &web.Exchange{ResponseWriter: discarded{http.Header{}}},
			Request: &http.Request{Method: http.MethodGet, URL: &url.URL{}, Header: http.Header{}}, Base: base, Path: "overview",
		},
		localizer: l, slug: "acme",
		org: directory.Organization{ID: storyID(9), Slug: "acme", Name: "Acme", MemberModel: true, EmailChange: true},
	}
}

// discarded is an http.ResponseWriter that discards the response.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (d discarded) WriteHeader(int)             {}

func withNote(n note, about string, next func(r *request) view) func(r *request) view {
	return func(r *request) view {
		r.memory.Note, r.memory.About = n, about
		return next(r)
	}
}

func proveStory(reason proveReason, sent bool, key string) func(r *request) view {
	return func(r *request) view {
		message := ""
		if key != "" {
			message = r.localizer.Text(key)
		}
		return r.proveView(url.Values{"for": {string(reason)}}, sent, message)
	}
}

func problemStory(err error) func(r *request) view {
	return func(r *request) view {
		_, shown := r.problemView(err)
		return shown
	}
}

func combine(first, then func(r *request)) func(r *request) {
	return func(r *request) {
		first(r)
		then(r)
	}
}

func sent(ago time.Duration) func(r *request) {
	return func(r *request) { r.memory.Email, r.memory.SentAt = "ada@example.com", noon.Add(-ago) }
}

func longCodes(r *request) {
	sent(time.Minute)(r)
	r.Login = login.New(login.Deps{}, login.Options{Length: 12})
}

func nowhere(r *request) { r.org = directory.Organization{} }

// withoutMail is a server that sends no mail.
func withoutMail(r *request) { r.Login.NoMail = true }

func branded(r *request) {
	r.org.Name = "Analytical Engines & Daughters of the Royal Society"
	r.org.Portal = directory.PortalSettings{
		AccentColor: "#facc15", ReturnURL: "https://app.example.com/account", SupportEmail: "help@example.com", SupportURL: "https://example.com/help",
		TermsURL: "https://example.com/terms", PrivacyURL: "https://example.com/privacy",
	}
}
