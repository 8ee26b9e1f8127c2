package portal

import (
	"time"

	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// The types in this file are the data of the pages' templates.

// requestPage is the data of the template "request", which asks for an email address to send a login code to.
type requestPage struct {
	Email *page.Field
	// Customer is the ID of the customer for which the code is requested, or "".
	Customer string
}

// welcomePage is the data of the template "welcome", the server's own page. Address is the public URL with a slash at its end, and Docs
// the path of the API's documentation.
type welcomePage struct{ Address, Docs string }

// returnPage is the data of the template "return", which leads to the application that the customer came from.
type returnPage struct{ URL, Host string }

// applicationPage is the data of the template "application", a page on the host of an application. Label is the text of a link to
// the path To, or of a button that sends a form there.
type applicationPage struct {
	Text, To, Label string
	Form            bool
}

// codePage is the data of the template "authenticate", which asks for the login code.
type codePage struct {
	// Email is the address to which the code was sent, or "" if this browser has not requested a code.
	Email  string
	Error  string
	Length int
	// Alphabet is the characters of new codes. The script looks for a code in pasted text.
	Alphabet token.Alphabet
	// Customer is the ID of the customer for which the code was requested, or "".
	Customer string
	// Wait is the number of seconds until the customer may request another code.
	Wait int
}

// Most returns the maximum length of a code. A code can be longer or shorter than Length if it was sent before a change of the
// server's configuration.
func (codePage) Most() int { return token.MaxCode }

// provePage is the data of the template "prove", which asks for a code that was sent to the customer's current address.
type provePage struct {
	codePage
	// Sent reports whether a code was sent. If not, the page offers to send one.
	Sent bool
	// For and Member repeat the query of the page. Cancel is the page to which the customer can return.
	For, Member, Cancel string
}

// Lasts returns how long a proof lasts.
func (provePage) Lasts() time.Duration { return session.ProofLifetime }

// maxCells is the maximum length of a code that is shown as one box per character, so that the boxes fit on a phone's screen.
const maxCells = 8

// Cells returns one element for each box behind the input. It returns none if the code is longer than maxCells.
func (p codePage) Cells() []struct{} {
	if p.Length > maxCells {
		return nil
	}
	return make([]struct{}, p.Length)
}

// choosePage is the data of the template "choose", which is shown if several customers have an email address. Its form has a
// hidden field with Name and Value.
type choosePage struct {
	Email, Name, Value string
	Choices            []choice
}

type choice struct{ ID, Name string }

// Letter returns the letter that is shown instead of the customer's picture.
func (c choice) Letter() string { return page.Initial(c.Name) }

// continuePage is the data of the template "continue", which asks whether to sign in with a link. Who is the holder that the link
// signs in. Current is the holder that is signed in, or "" if it is the same one or none. Link identifies the link in the form.
// Submits makes the script submit the form.
type continuePage struct {
	Who, Current, Link string
	Submits            bool
}

// problemPage is the data of the template "problem". RequestID is set if the server's log has details about the error.
type problemPage struct {
	Text, RequestID string
	Action          *page.Link
}

// overviewPage is the data of the template "overview". Continue links to the page of the application that sent the customer to the
// portal.
type overviewPage struct {
	Continue                   *back
	Name, Email, Role, Account string
	// Kind says whether the account is a person's or a team's. Managers are the first members who manage the team, and MoreManagers is
	// the number of the others.
	Kind         string
	Managers     []teamManager
	MoreManagers int
	Links        []page.Link
	// Accounts are the other accounts with the customer's email address.
	Accounts []account
}

// teamManager is a member who manages a team. Name is the email address if there is no name.
type teamManager struct{ Name, Role string }

// account is an account to which the customer can switch. Role is set for members of teams.
type account struct{ ID, Name, Role string }

// Letter returns the letter that is shown instead of the account's picture.
func (a account) Letter() string { return page.Initial(a.Name) }

// settingsPage is the data of the template "settings". NewEmail and Billing are nil if the customer may not change them.
type settingsPage struct {
	Name, Email string
	// Member is the ID of the team's member who can change the name in NewName, or "". NameHint says who can change it otherwise.
	Member, NameHint string
	NewName          *page.Field
	Verified         bool
	NewEmail         *page.Field
	// Prove reports whether a change of the email address first needs a proof. NewEmail is nil then.
	Prove bool
	// OpenEmail reports whether the form for a new address is open.
	OpenEmail    bool
	Billing      *billingForm
	BillingFacts []fact
}

// fact is a labeled text of several lines.
type fact struct {
	Label string
	Lines []string
}

// billingForm has the inputs for billing details. States are the inputs for the state in other countries than the chosen one.
type billingForm struct {
	Name, Country, Line1, Line2, PostalCode, City, State, TaxID page.Field
	States                                                      []stateField
}

// teamPage is the data of the template "team". Add is nil if the member may not change the team. Transfer reports whether the
// member is the owner, who can transfer the ownership.
type teamPage struct {
	Account  string
	Total    int
	Members  []teamMember
	Add      *addForm
	Transfer bool
	Pages    *page.Pager
}

type teamMember struct {
	ID, Title, Subtitle, Role, Letter string
	You, Owner                        bool
	// Invited reports whether the member has not accepted yet. Invitation is the address of the page on which the member requests a
	// code for this team, or "" if the reader cannot change this member.
	Invited    bool
	Invitation string
	// Name is nil if the reader cannot change this member. Roles is nil if the reader cannot change the role; OwnRole is then the
	// reason, if the member is the reader.
	Name, Roles *page.Field
	OwnRole     string
}

type addForm struct{ Email, Name, Role page.Field }

// confirmPage is the data of the template "confirm", which asks for confirmation.
type confirmPage struct {
	Text, Submit, Member string
	Danger               bool
}

// sessionsPage is the data of the template "sessions". More is the number of sessions that the page does not list.
type sessionsPage struct {
	Sessions []sessionRow
	Others   bool
	More     int
}

type sessionRow struct {
	ID, Device, IP            string
	Phone, Current            bool
	CreatedAt, SeenAt, EndsAt time.Time
}
