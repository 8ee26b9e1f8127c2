package login

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// Proof is a stored code with which the holder of a session proves that it reads the mailbox of its address. The code cannot
// create a session, and a login code is no proof.
type Proof struct {
	// Session is the key of the only session in which the code works.
	Session token.Key
	Hash    token.Hash
	// Email is the address that received the code. The code is void as soon as the holder has another address.
	Email     string
	ExpiresAt time.Time
	// CountsUntil is the time until which the proof counts toward the maximum of its session; see [Store.CountProof]. Zero means
	// ExpiresAt.
	CountsUntil time.Time
}

// ProofAttempt is an attempt to use a proof.
type ProofAttempt struct {
	Session token.Key
	// Hashes are the hashes of the typed code under each active secret.
	Hashes []token.Hash
	// Email is the holder's current address.
	Email string
	At    time.Time
}

const (
	// maxProofs is the maximum number of codes of a session that have not expired. Further requests send no mail.
	maxProofs = 3
	// maxWrongProofs is the number of wrong codes after which a code is void.
	maxWrongProofs = 5
)

var (
	errNoAddress  = fault.New(fault.NotPermitted, "The account has no email address to which a code could be sent. Ask the organization to add one.")
	errWrongProof = fault.Rule(fault.Field{
		Type: "value_error", Name: []any{"code"}, Msg: "The code is wrong, used or expired. Enter the code of the most recent email, or request another one.",
	})
)

// RequestProof mails a code to the current address of the session's holder. [Service.ConfirmProof] accepts the code. The language
// of the mail is that of the customer, or else browser, which may be nil. RequestProof returns fault.NotPermitted if the holder
// has no address or the organization is blocked. It sends nothing, and returns nil, if the session has [maxProofs] codes.
func (d *Service) RequestProof(ctx context.Context, of *session.Session, browser *locale.Language) error {
	org, h, err := d.prover(ctx, of)
	switch {
	case err != nil:
		return err
	case org.BlockedAt != nil:
		return directory.ErrBlocked
	case h.Email() == nil:
		return errNoAddress
	}
	key := of.ID.Key()
	return d.Post("confirmation code", func(ctx context.Context) (mail.Mail, bool, error) {
		code, sent, inserted, err := d.newProof(ctx, key, *h.Email())
		if err != nil || !inserted {
			return mail.Mail{}, false, err
		}
		m, err := mail.ProofCode{
			From: d.From, To: *h.Email(), Organization: letterhead(org), Language: language(browser, h), Code: code.Reveal(), ExpiresIn: session.ProofLifetime,
		}.Mail()
		m.Delivery = sent
		return m, err == nil, err
	})
}

// ConfirmProof accepts a code of [Service.RequestProof]. Until the returned time, the session may be used for changes that need a
// proof. It returns fault.RuleViolated for a code that is wrong, used, expired, or of another session.
func (d *Service) ConfirmProof(ctx context.Context, of *session.Session, text string) (until time.Time, err error) {
	_, h, err := d.prover(ctx, of)
	if err != nil {
		return until, err
	}
	code, ok := d.parse(text)
	if !ok || h.Email() == nil {
		return until, errWrongProof
	}
	now := d.Now().UTC().Truncate(time.Microsecond)
	proven, err := d.Store.UseProof(ctx, ProofAttempt{Session: of.ID.Key(), Hashes: d.Secrets.CodeHashes(code), Email: *h.Email(), At: now}, maxWrongProofs)
	if err == nil && !proven {
		err = errWrongProof
	}
	return now.Add(session.ProofLifetime), err
}

// Holder returns the holder of a live session with [directory.Holder.Proven], which changes of the account need. It returns
// fault.InvalidToken if the holder was deleted.
func (d *Service) Holder(ctx context.Context, of *session.Session) (directory.Holder, error) {
	h, err := d.Directory.HolderByKeys(ctx, of.Customer, of.Member)
	if err == nil {
		h.Proven, err = d.Sessions.Proven(ctx, of)
	}
	return h, err
}

func (d *Service) prover(ctx context.Context, of *session.Session) (directory.Organization, directory.Holder, error) {
	h, err := d.Directory.HolderByKeys(ctx, of.Customer, of.Member)
	if err != nil {
		return directory.Organization{}, h, err
	}
	org, err := d.Directory.Organization(ctx, of.Organization)
	return org, h, err
}

func (d *Service) newProof(ctx context.Context, of token.Key, email string) (code token.Code, sent *delivery, inserted bool, err error) {
	code = token.MintCode(d.Alphabet, d.Length)
	now := d.Now().UTC().Truncate(time.Microsecond)
	p := Proof{Session: of, Hash: d.Secrets.CodeHashes(code)[0], Email: email, ExpiresAt: now.Add(session.ProofLifetime), CountsUntil: d.attemptEnds(now, session.ProofLifetime)}
	inserted, err = d.Store.InsertProof(ctx, p, maxProofs, now)
	count := func(ctx context.Context, most int, now, until time.Time) (bool, error) {
		return d.Store.CountProof(ctx, of, p.Hash, most, now, until)
	}
	return code, &delivery{d, maxProofs, p.ExpiresAt, count}, inserted, err
}
