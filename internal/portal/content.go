package portal

import (
	"time"

	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
)

// What each page shows, by the name of its template.

// requestPage is "request", where a login code is asked for.
type requestPage struct{ Email *page.Field }

// codePage is "authenticate", where a login code is typed in.
type codePage struct {
	// Email is where the code was sent; "" when this browser has not asked for it.
	Email  string
	Error  string
	Length int
	// Wait is in how many seconds another one may be asked for.
	Wait int
}

// Alphabet returns the characters that the script accepts in the input.
func (codePage) Alphabet() string { return token.CodeAlphabet }

// maxCells is how many characters of a code fit into boxes on a phone.
const maxCells = 8

// Cells are the boxes behind the input; none for a long code.
func (p codePage) Cells() []struct{} {
	if p.Length > maxCells {
		return nil
	}
	return make([]struct{}, p.Length)
}

// choosePage is "choose": several customers have the address. Name and Value are what is sent along with the choice.
type choosePage struct {
	Email, Name, Value string
	Choices            []choice
}

type choice struct{ ID, Name string }

// Letter stands in for a picture.
func (c choice) Letter() string { return page.Initial(c.Name) }

// problemPage is "problem". RequestID is shown where the log has more to say.
type problemPage struct {
	Text, RequestID string
	Action          *page.Link
}

// overviewPage is "overview". Continue leads on to where the visitor wanted to go before signing in.
type overviewPage struct {
	Continue                   *back
	Name, Email, Role, Account string
	Links                      []page.Link
}

// settingsPage is "settings". NewEmail and Billing are nil for those who may not change them.
type settingsPage struct {
	Name, Email  string
	Verified     bool
	NewEmail     *page.Field
	Billing      *billingForm
	BillingFacts []fact
}

// fact is something that is shown, in lines.
type fact struct {
	Label string
	Lines []string
}

type billingForm struct {
	Name, Country, Line1, Line2, PostalCode, City, State, TaxID page.Field
}

// teamPage is "team". Add is nil for those who may not add anybody, and Transfer is for the owner.
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
	Name                              page.Field
	// Roles is nil where nothing can be changed.
	Roles *page.Field
}

type addForm struct{ Email, Name, Role page.Field }

// confirmPage is "confirm": something is asked once more before it is done.
type confirmPage struct {
	Text, Submit, Member string
	Danger               bool
}

// sessionsPage is "sessions". More is how many there are beyond those that are shown.
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
