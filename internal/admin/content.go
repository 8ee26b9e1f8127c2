package admin

import (
	"time"

	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
)

// The types in this file are the data of the pages' templates.

// signInPage is the data of the template "sign-in".
type signInPage struct{ Token *page.Field }

// problemPage is the data of the template "problem". RequestID is set if the server's log has details about the error.
type problemPage struct{ Title, Text, RequestID string }

// overviewPage is the data of the template "overview". A script reloads Activity every few seconds.
type overviewPage struct {
	Activity *activityView
	Denied   *denied
	Facts    []fact
	Scopes   []scopeFact
}

// fact is a labeled text.
type fact struct{ Label, Text string }

// scopeFact is a scope, and whether the operator has the scope.
type scopeFact struct {
	Name string
	Has  bool
}

type activityView struct {
	Live liveCount
	// PendingEnds is the number of ended sessions whose webhook events are not sent yet.
	PendingEnds int
	// At is the time of the numbers.
	At time.Time
	// Charts and Minutes show the last hour, and DayCharts and Hours the last day. The rows have the latest time first.
	Charts, DayCharts []chart
	Minutes, Hours    []session.Count
}

// customersPage is the data of the template "customers".
type customersPage struct {
	Query     string
	Order     page.Field
	Customers []customerRow
	// Total is the number of customers with a noun.
	Total string
	Pages *keyPager
	// SessionsFrom is a link to the sessions of the IP address that the query is, or "". Export is a link to the list as a file.
	SessionsFrom, Export string
}

type customerRow struct {
	ID, Title, Subtitle, ExternalID, Type string
	CreatedAt                             time.Time
}

// customerPage is the data of the template "customer".
type customerPage struct {
	ID, Title string
	Facts     []timedFact
	Members   []memberRow
	// MoreMembers is the number of members that the page does not list.
	MoreMembers      int
	MembersDenied    *denied
	Sessions         *sessionTable
	SessionsDenied   *denied
	ActDenied        *denied
	Access           *portalAccess
	ImpersonationFor time.Duration
}

// memberRow is a row of the list of members. Access is nil if the operator may not create sessions.
type memberRow struct {
	ID, Title, Subtitle, Role, Letter string
	Access                            *portalAccess
}

// portalAccess is the data of the forms that open the portal of a customer or member, or create a link into it.
type portalAccess struct {
	Customer, Member, Who string
	Lifetime              page.Field
	OneTime               bool
}

// linkPage is the data of the template "link". Only this page shows the new link.
type linkPage struct {
	Customer, Who, Link string
	OneTime, ReadOnly   bool
	EndsAt              time.Time
	TicketFor           time.Duration
}

// sessionTable is a list of sessions with its filters.
type sessionTable struct {
	// Action is the path of the filter's form. Customer is the customer's ID if the table lists the sessions of one customer.
	Action, Customer string
	State, Order     page.Field
	// Search is the search field. It is nil in the table of one customer. MoreHolders reports whether the search selects more customers
	// than the table shows.
	Search      *page.Field
	MoreHolders bool
	// Member is the filter by member. It is nil if the customer has fewer than two members.
	Member *page.Field
	Rows   []sessionRow
	// Total is the number of sessions with a noun.
	Total string
	Pages *keyPager
	// Back is the path and the query of the page that shows the table.
	Back   string
	MayEnd bool
}

type sessionRow struct {
	ID, State, Who, Of, Customer, By, LastUsedIP string
	ReadOnly, Impersonated                       bool
	CreatedAt, LastUsedAt, EndsAt                time.Time
	EndReason                                    string
}

// sessionsPage is the data of the template "sessions".
type sessionsPage struct {
	Table       *sessionTable
	PendingEnds int
	MayEnd      bool
	Export      string
}

// sessionPage is the data of the template "session".
type sessionPage struct {
	Row      sessionRow
	Facts    []timedFact
	Metadata []fact
	Denied   *denied
}

// timedFact is a labeled text, or a labeled time if Text is "".
type timedFact struct {
	Label, Text string
	At          time.Time
}

// confirmPage is the data of the template "confirm", which asks for confirmation. Hidden are hidden fields of its form. Check is a
// checkbox, or nil. Harmless reports whether the action ends nothing at once, so that its button has the color of other buttons.
type confirmPage struct {
	Text, Submit, Action, Cancel string
	Hidden                       []page.Option
	// Facts describe what the action ends.
	Facts    []timedFact
	Fields   []*page.Field
	Check    *check
	Harmless bool
}

// check is a checkbox of a form.
type check struct{ Name, Text string }

// accessTokensPage is the data of the template "access-tokens". Create is nil if the operator may not create access tokens.
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
	// Every reports whether the access token has all scopes that exist. Own reports whether the operator is signed in with this
	// token. Child reports whether the access token has a parent. MayChange reports whether the operator may change, rotate and
	// revoke the access token.
	Every, Own, Expired, Child, MayChange bool
}

// accessTokenForm is the form that creates or changes an access token. ExpiresIn is nil if the form changes a token.
type accessTokenForm struct {
	Comment   page.Field
	ExpiresIn *page.Field
	Scopes    []page.Option
}

// accessTokenPage is the data of the template "access-token".
type accessTokenPage struct {
	ID   string
	Own  bool
	Form accessTokenForm
}

// newTokenPage is the data of the template "new-token". Only this page shows the new access token.
type newTokenPage struct{ Token, Comment string }

// settingsPage is the data of the template "settings".
type settingsPage struct {
	Portal portalForm
	Policy policyForm
	Denied *denied
}

type portalForm struct {
	Name, AccentColor, LogoURL, ReturnURL, ReturnHosts, ApplicationHosts page.Field
	SupportEmail, SupportURL, TermsURL, PrivacyURL                       page.Field
	OneTimeLinks, SignInNotices                                          bool
}

type policyForm struct {
	MaxExpiresIn, Unit, MaxSessions page.Field
	Ends                            []page.Option
}

// signInsPage is the data of the template "sign-ins".
type signInsPage struct {
	SignIns []signInRow
	Denied  *denied
}

// signInRow is an operator who is signed in. Stronger reports whether the operator's access token is stronger than that of the reader,
// who then cannot sign the operator out.
type signInRow struct {
	ID, Token, IP, Agent, CreatedIP string
	CreatedAt, LastUsedAt, EndsAt   time.Time
	Own, Stronger                   bool
}
