package admin

import (
	"time"

	"github.com/postern-go/postern/internal/page"
)

// What each page shows, by the name of its template.

// signInPage is "sign-in".
type signInPage struct{ Token *page.Field }

// problemPage is "problem". RequestID is shown where the log has more to say.
type problemPage struct{ Title, Text, RequestID string }

// overviewPage is "overview", and activityView the part of it that is refreshed by itself.
type overviewPage struct {
	Activity *activityView
	Denied   *denied
	Facts    []fact
	Scopes   []scopeFact
}

// fact is something that is shown.
type fact struct{ Label, Text string }

// scopeFact is a scope, and whether the operator has it.
type scopeFact struct {
	Name string
	Has  bool
}

type activityView struct {
	// Live is how many sessions are live, and PendingEnds of how many ends webhooks are still to be told.
	Live, PendingEnds int
	// Since is when this process began to count, and At when it was looked at.
	Since, At time.Time
	Charts    []chart
	Minutes   []minuteRow
}

// minuteRow is a minute of the charts for those who do not see them.
type minuteRow struct {
	At                         time.Time
	Created, Verified, Refused int
}

// customersPage is "customers".
type customersPage struct {
	Query     string
	Customers []customerRow
	Total     int
	Pages     *page.Pager
}

type customerRow struct {
	ID, Title, Subtitle, ExternalID, Type string
	CreatedAt                             time.Time
}

// customerPage is "customer".
type customerPage struct {
	ID, Title string
	Facts     []timedFact
	Members   []memberRow
	// MoreMembers is how many there are beyond those that are shown.
	MoreMembers      int
	MembersDenied    *denied
	Sessions         *sessionTable
	SessionsDenied   *denied
	ActDenied        *denied
	Access           *portalAccess
	ImpersonationFor time.Duration
}

// memberRow is a member. Access is nil where the operator may not let themselves or others in.
type memberRow struct {
	ID, Title, Subtitle, Role, Letter string
	Access                            *portalAccess
}

// portalAccess leads into the portal of a customer, or of one of its members.
type portalAccess struct {
	Customer, Member, Who string
	Lifetime              page.Field
	OneTime               bool
}

// linkPage is "link": a link into the portal, shown once.
type linkPage struct {
	Customer, Who, Link string
	OneTime, ReadOnly   bool
	EndsAt              time.Time
	TicketFor           time.Duration
}

// sessionTable is a list of sessions that can be filtered.
type sessionTable struct {
	// Action is where the filter is asked for, and Customer is set where they all are one's.
	Action, Customer string
	State, Order     page.Field
	// Member is nil where there are not several.
	Member *page.Field
	Rows   []sessionRow
	Total  int
	Pages  *page.Pager
	MayEnd bool
}

type sessionRow struct {
	ID, State, Who, Of, Customer, By, LastUsedIP string
	ReadOnly, Impersonated                       bool
	CreatedAt, LastUsedAt, EndsAt                time.Time
	EndReason                                    string
}

// sessionsPage is "sessions".
type sessionsPage struct {
	Table       *sessionTable
	PendingEnds int
	MayEnd      bool
}

// sessionPage is "session".
type sessionPage struct {
	Row      sessionRow
	Facts    []timedFact
	Metadata []fact
	Denied   *denied
	Reason   page.Field
}

// timedFact is a fact, or a time.
type timedFact struct {
	Label, Text string
	At          time.Time
}

// confirmPage is "confirm": something is asked once more before it is done. Hidden goes along with the form.
type confirmPage struct {
	Text, Submit, Action, Cancel string
	Hidden                       []page.Option
	Fields                       []*page.Field
}

// accessTokensPage is "access-tokens". Create is nil for those who may not.
type accessTokensPage struct {
	Tokens []accessTokenRow
	Pages  *page.Pager
	Total  int
	Create *accessTokenForm
	Denied *denied
}

type accessTokenRow struct {
	ID, Title             string
	Scopes                []string
	CreatedAt             time.Time
	ExpiresAt, LastUsedAt *time.Time
	// Every is whether it has all scopes there are.
	Every, Own, Expired, MayChange bool
}

// accessTokenForm makes an access token, or changes one. ExpiresIn is nil for one that is there.
type accessTokenForm struct {
	Comment   page.Field
	ExpiresIn *page.Field
	Scopes    []page.Option
}

// accessTokenPage is "access-token".
type accessTokenPage struct {
	ID   string
	Own  bool
	Form accessTokenForm
}

// newTokenPage is "new-token": an access token, shown once.
type newTokenPage struct{ Token, Comment string }

// settingsPage is "settings".
type settingsPage struct {
	Portal portalForm
	Policy policyForm
	Denied *denied
}

type portalForm struct {
	Name, AccentColor, LogoURL, ReturnURL, ReturnHosts page.Field
	OneTimeLinks                                       bool
}

type policyForm struct {
	MaxExpiresIn, Unit, MaxSessions page.Field
	Ends                            []page.Option
}
