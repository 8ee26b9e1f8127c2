// Package login lets customers in who show that they read their mail: a code is sent to an email address, and whoever types
// it in gets a session.
//
//	desk := login.New(login.Rooms{Store: store, Directory: dir, Sessions: sessions, Post: outbox.Post, …}, login.Options{})
//	_, err := desk.Request(ctx, login.Request{Organization: org, Email: "ada@example.com"}) // whoever that is
//	made, choices, err := desk.Authenticate(ctx, login.Attempt{Code: "A1B2C3"})
//
// Who has an account is told only to whoever reads its mail. So a request is answered before anybody is looked for, and the
// choice between several customers with one address is offered when the code comes back.
package login

import (
	"context"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Deps are what a desk stands on. All fields must be set, Failed aside.
type Deps struct {
	Store     Store
	Directory *directory.Service
	Sessions  *session.Service
	Secrets   *token.Secrets
	// Post takes a mail that is yet to be composed, and returns at once: [mail.Outbox.Post].
	Post func(kind string, compose func(ctx context.Context) (mail.Mail, bool, error)) error
	// From is the server's sender address.
	From mail.Address
	// OnFailure is told of codes that were refused; nil tells nobody.
	OnFailure func(ctx context.Context, f Failure) error
	// PublicURL is where the outside world reaches this server; the links in mails begin with it.
	PublicURL *url.URL
	// Now is the clock; tests move it.
	Now func() time.Time
}

// Options are the choices that [New] takes. A field that is zero stands for its default.
type Options struct {
	// Lifetime is how long a code is good for; 30 minutes.
	Lifetime time.Duration
	// Length is how many characters a code has; 6, which is the least.
	Length int
	// BeforeProof tells whoever asks for a code which customers have the address, as Polar does. By default only whoever
	// has a code is told.
	BeforeProof bool
}

// Service is where customers log in. Safe for concurrent use.
type Service struct {
	Deps
	Options
}

// New puts a desk on its rooms.
func New(r Deps, o Options) *Service {
	if o.Lifetime == 0 {
		o.Lifetime = 30 * time.Minute
	}
	if o.Length == 0 {
		o.Length = token.MinCode
	}
	return &Service{r, o}
}

// Code is a login code as a store keeps it. The code itself is in a mail, and nowhere else.
type Code struct {
	Hash         token.Hash
	Organization token.ID
	// Email is the address to which the code was sent.
	Email string
	// Customer is the key of the customer whom the request named; 0 when it named none.
	Customer  token.Key
	ExpiresAt time.Time
}

// Store keeps codes. Implementations are safe for concurrent use.
type Store interface {
	// InsertCode keeps a code. It reports false, and keeps nothing, when there is one with the same hash.
	InsertCode(ctx context.Context, c Code) (inserted bool, err error)
	// Code finds a code by its hash. An expired one may be found.
	Code(ctx context.Context, hash token.Hash) (c Code, found bool, err error)
	// LiveCodes counts the codes for an address, in any case of its letters, that expire after now.
	LiveCodes(ctx context.Context, org token.Key, email string, now time.Time) (n int, err error)
	// RedeemCode uses a code up and keeps the session that it was good for, both or none. It reports false when the code is
	// gone: of many at once, one alone redeems it. Of o, the limit of sessions counts.
	RedeemCode(ctx context.Context, hash token.Hash, e session.Entry, o session.InsertOptions) (redeemed bool, err error)
}

// errInvalidCode does not say what is wrong with a code.
var errInvalidCode = fault.New(fault.InvalidCode, "This customer session code is invalid or has expired.")

// Grant is what a session for a holder is made of, wherever it comes from.
func Grant(org directory.Organization, h directory.Holder, returnURL string) session.Grant {
	g := session.Grant{
		Kind: token.Customer, Organization: org.ID.Key(), Customer: h.Customer.ID.Key(), ReturnURL: returnURL,
		Generations: session.Generations{Organization: org.Generation, Customer: h.Customer.Generation},
		Lifetime:    min(session.DefaultLifetime, org.Policy.Longest()),
		MaxSessions: org.Policy.MaxSessions, Announce: org.Webhooks,
	}
	if h.Member != nil {
		g.Kind, g.Member, g.Generations.Member = token.Member, h.Member.ID.Key(), h.Member.Generation
	}
	return g
}
