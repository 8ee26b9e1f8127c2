// Package login lets customers log in by email: it mails a code to their address, and exchanges the code for a session.
//
//	logins := login.New(login.Deps{Store: store, Directory: dir, Sessions: sessions, Post: outbox.Post, …}, login.Options{})
//	_, err := logins.Request(ctx, login.Request{Organization: org, Email: "ada@example.com"})
//	issued, choices, err := logins.Authenticate(ctx, login.Attempt{Code: "K7WQ2MXH"})
//
// Only a person who can read a mailbox may learn which customers have its address. Therefore a request for a code has the same
// answer for every address. If several customers have the address, the person chooses one after entering the code.
package login

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/metrics"
	"github.com/postern-go/postern/internal/rate"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Deps are the dependencies of a [Service]. OnFailure, MayMail, Attempts, Metrics, Counts and Log may be nil; all other fields are required.
type Deps struct {
	Store     Store
	Directory *directory.Service
	Sessions  *session.Service
	Secrets   *token.Secrets
	// Post queues a mail and returns at once. compose runs later and reports false if there is nothing to send. See
	// [mail.Outbox.Post].
	Post func(kind string, compose func(ctx context.Context) (mail.Mail, bool, error)) error
	// NoMail says that Post sends nothing, because no mail server is configured. Pages then tell customers that no code will arrive.
	NoMail bool
	// MayMail returns fault.TooMany if a mail to an address in the name of an organization would exceed a budget; see
	// [mail.Outbox.Allows]. Nil means that mails are not limited.
	MayMail func(ctx context.Context, to, organization string) error
	// From is the sender address of the server.
	From mail.Address
	// OnFailure is called for each failed login of a known organization with webhooks. It may be nil.
	OnFailure func(ctx context.Context, f Failure) error
	// Attempts records failed logins in the audit log; nil records nothing.
	Attempts *audit.Attempts
	// Metrics counts failed logins; nil counts nothing.
	Metrics *metrics.Metrics
	// Counts counts wrong codes. Nil means that they are not limited.
	Counts rate.Limiter
	// Log gets a line for each wrong code, and when a budget is spent.
	Log *slog.Logger
	// PublicURL is the address under which clients reach the server. Links in mails begin with it.
	PublicURL *url.URL
	// Now returns the current time. Tests replace it.
	Now func() time.Time
}

// Options are optional settings of a [Service]. A zero field means its default.
type Options struct {
	// Lifetime is how long a code is valid. Default: [DefaultLifetime].
	Lifetime time.Duration
	// Length is the length of a code, in characters. Default: [token.DefaultCode].
	Length int
	// Alphabet is the characters of new codes. Default: [token.ClearAlphabet]. Codes of every alphabet can be redeemed.
	Alphabet token.Alphabet
	// MaxLive is the maximum number of live codes for an address. Codes whose mails were lost do not count; see [delivery]. Further requests send no mail, so that attackers cannot flood a
	// mailbox, and the codes that were sent stay valid. Default: 3. A negative number means no maximum.
	MaxLive int
	// Exact makes codes work only as they are in the mail. By default, the case and the width of letters, spaces and dashes do not
	// matter.
	Exact bool
	// EnterPending treats pending memberships like others. By default, a membership that a customer added has no effect on logins
	// with its address until it is accepted.
	EnterPending bool
	// KeepSiblings keeps the other codes of an address valid after one of them was redeemed. By default, they are deleted.
	KeepSiblings bool
	// Disclosure is when the caller learns which customers share an email address. Default: [AfterProof].
	Disclosure Disclosure
}

// Disclosure is when a caller learns which customers share an email address.
type Disclosure string

const (
	// AfterProof means that only a caller with a valid code gets the list of customers.
	AfterProof Disclosure = "after-proof"
	// BeforeProof means that a request for a code is answered with the list, as on Polar.
	BeforeProof Disclosure = "before-proof"
)

// The defaults of [Options].
const (
	DefaultLifetime = 10 * time.Minute
	DefaultMaxLive  = 3
)

// Service issues login codes and redeems them. It is safe for concurrent use.
type Service struct {
	Deps
	Options
}

// New returns a Service.
func New(r Deps, o Options) *Service {
	if o.Lifetime == 0 {
		o.Lifetime = DefaultLifetime
	}
	if o.Length == 0 {
		o.Length = token.DefaultCode
	}
	if o.Alphabet == "" {
		o.Alphabet = token.ClearAlphabet
	}
	if o.MaxLive == 0 {
		o.MaxLive = DefaultMaxLive
	}
	return &Service{r, o}
}

// Code is a stored login code. The store has only the hash; the code itself is in the mail.
type Code struct {
	Hash         token.Hash
	Organization token.ID
	// Email is the address that received the code.
	Email string
	// Customer is the key of the customer that the request selected, or 0.
	Customer  token.Key
	ExpiresAt time.Time
	// CountsUntil is the time until which the code counts toward the maximum of its address; see [Store.CountCode]. Zero means
	// ExpiresAt. [Store.Code] does not return it.
	CountsUntil time.Time
}

// Store stores login codes. Implementations must be safe for concurrent use.
type Store interface {
	// InsertCode stores a code, unless [Inserted] says why it did not. most is the maximum number of codes of the address whose
	// CountsUntil is after now, including the new one; a negative number means no maximum. If there is a maximum, the new
	// code replaces codes of the address that do not count although they have not expired.
	InsertCode(ctx context.Context, c Code, most int, now time.Time) (Inserted, error)
	// CountCode sets the time until which a code counts, if fewer than most other codes of the address count now. A negative most
	// means no maximum. It reports false, and changes nothing, if most codes count or the code does not exist any more.
	CountCode(ctx context.Context, hash token.Hash, most int, now, until time.Time) (counts bool, err error)
	// Code returns the code with the hash. It may return an expired code. It does not return a code whose organization is blocked or
	// has another [directory.Organization.PendingGeneration] than when the code was inserted.
	Code(ctx context.Context, hash token.Hash) (c Code, found bool, err error)
	// RedeemCode deletes a code and inserts the session, in one transaction. It reports false if the code does not exist. If
	// several callers redeem the same code, or codes that are deleted together, one of them succeeds.
	RedeemCode(ctx context.Context, r Redemption) (redeemed bool, err error)

	// NoteSignIn stores that an account has signed in on the portal. It reports true for the first time only, and false if the account
	// does not exist.
	NoteSignIn(ctx context.Context, a Account, at time.Time) (first bool, err error)
	// HasSignedIn reports whether NoteSignIn was called for the account.
	HasSignedIn(ctx context.Context, a Account) (bool, error)

	// InsertProof stores a proof. It reports false, and stores nothing, if the session is not live, its organization is blocked, the
	// session has the same hash already, or most proofs of the session count, as the codes of [Store.InsertCode].
	InsertProof(ctx context.Context, p Proof, most int, now time.Time) (inserted bool, err error)
	// CountProof is like CountCode, for a proof of a session. It reports false too if the session is not live.
	CountProof(ctx context.Context, of token.Key, hash token.Hash, most int, now, until time.Time) (counts bool, err error)
	// UseProof sets [session.Entry.ProvenAt] of the session and deletes its proofs if one of them has one of the hashes and the
	// address, expires later, and has counted fewer than mostWrong wrong codes. Otherwise, UseProof counts a wrong code for every
	// proof of the session and reports false. It also reports false if the session is not live, or if its organization is blocked or
	// has another [directory.Organization.PendingGeneration] than when the proof was inserted.
	UseProof(ctx context.Context, a ProofAttempt, mostWrong int) (proven bool, err error)
}

// Inserted is the result of [Store.InsertCode].
type Inserted int

const (
	// CodeInserted means that the code is stored.
	CodeInserted Inserted = iota + 1
	// CodeExists means that a code with the same hash exists.
	CodeExists
	// CodeRefused means that the address has the maximum number of live codes, or the organization is blocked.
	CodeRefused
)

// Redemption exchanges a code for a session.
type Redemption struct {
	Hash    token.Hash
	Session session.Entry
	// Options apply to the session. Only MaxSessions and Reason have an effect.
	Options session.InsertOptions
	// KeepSiblings keeps the other codes of the same address. Otherwise, they are deleted too.
	KeepSiblings bool
}

// mayMail calls [Deps.MayMail] if it is set.
func (d *Service) mayMail(ctx context.Context, to string, org directory.Organization) error {
	if d.MayMail == nil {
		return nil
	}
	return d.MayMail(ctx, to, org.Slug)
}

// errInvalidCode does not reveal why a code is refused.
var errInvalidCode = fault.New(fault.InvalidCode, "This customer session code is invalid or has expired.")

// Grant returns the parameters of a new session for the holder, with the defaults of the organization's policy.
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
