// Package login lets customers in who show that they read their mail: a code is sent to an email address, and whoever types
// it in gets a session.
//
//	desk := login.New(login.Rooms{Store: store, Directory: dir, Sessions: sessions, …}, login.Options{})
//	err := desk.Request(ctx, login.Request{Organization: org, Email: "ada@example.com"}) // always nil, whoever that is
//	made, choice, err := desk.Authenticate(ctx, "A1B2C3", token.ID{})
//
// Who has an account is told only to whoever reads its mail. So a request is answered before anybody is looked for, and the
// choice between several customers with one address is offered when the code comes back.
package login

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

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
	// RedeemCode uses a code up and keeps the session that it was good for, both or none. It reports false when the code is
	// gone: of many at once, one alone redeems it.
	RedeemCode(ctx context.Context, hash token.Hash, r session.Record) (redeemed bool, err error)
}

var errInvalidCode = fault.New(fault.InvalidCode, "This customer session code is invalid or has expired.")

// Grant is what a session for a holder is made of, wherever it comes from.
func Grant(org directory.Organization, h directory.Holder, returnURL string) session.Grant {
	g := session.Grant{
		Kind: token.Customer, Organization: org.ID.Key(), Customer: h.Customer.ID.Key(), CustomerGeneration: h.Customer.Generation, ReturnURL: returnURL,
	}
	if h.Member != nil {
		g.Kind, g.Member, g.MemberGeneration = token.Member, h.Member.ID.Key(), h.Member.Generation
	}
	return g
}
