package login

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/token"
)

// Request asks for a code (Polar: POST /v1/customer-portal/customer-session/request).
type Request struct {
	Organization token.ID
	Email        string
	// Customer is one of several with the same address; zero for whichever has it. An organization without the member
	// model has one customer an address, and ignores it.
	Customer token.ID
	// Language is what the browser asks for; nil when it asks for none that there is. A customer who has one is written to in
	// its own.
	Language *locale.Language
}

// Choice is one of several customers with the same email address.
type Choice struct {
	ID   token.ID
	Name *string
}

// Request has a code sent to the address, if a customer of the organization has it. It returns at once and says nothing of
// that; only with [Options.BeforeProof] it returns the customers of whom the caller must name one, and then sends nothing.
func (d *Service) Request(ctx context.Context, r Request) ([]Choice, error) {
	if d.BeforeProof {
		_, holders, err := d.holders(ctx, r)
		if err != nil {
			return nil, err
		}
		if c := choices(holders); len(c) > 1 {
			return c, nil
		}
	}
	return nil, d.Post("login code", func(ctx context.Context) (mail.Mail, bool, error) { return d.compose(ctx, r) })
}

// holders are those for whom the code may be; none in an organization that there is not.
func (d *Service) holders(ctx context.Context, r Request) (directory.Organization, []directory.Holder, error) {
	org, err := d.Directory.Organization(ctx, r.Organization.Key())
	if fault.Is(err, fault.NotFound) || err == nil && (org.ID != r.Organization || org.BlockedAt != nil) {
		return org, nil, nil
	}
	if err != nil {
		return org, nil, err
	}
	all, err := d.Directory.HoldersByEmail(ctx, org, r.Email)
	if !org.MemberModel {
		r.Customer = token.ID{}
	}
	return org, of(all, r.Customer), err
}

// of are the holders of one customer, or all for the zero id.
func of(all []directory.Holder, customer token.ID) []directory.Holder {
	if customer.IsZero() {
		return all
	}
	var some []directory.Holder
	for _, h := range all {
		if h.Customer.ID == customer {
			some = append(some, h)
		}
	}
	return some
}

// choices are the customers of the holders, each once.
func choices(holders []directory.Holder) []Choice {
	var list []Choice
	seen := map[token.ID]bool{}
	for _, h := range holders {
		if !seen[h.Customer.ID] {
			seen[h.Customer.ID] = true
			list = append(list, Choice{h.Customer.ID, h.Customer.Name})
		}
	}
	return list
}

// compose makes a code and the mail that brings it. The mail goes to the address as it is stored, never as it was typed:
// addresses that look the same need not be.
func (d *Service) compose(ctx context.Context, r Request) (mail.Mail, bool, error) {
	org, holders, err := d.holders(ctx, r)
	if err != nil || len(holders) == 0 {
		return mail.Mail{}, false, err
	}
	to := *holders[0].Email() // who was found by an address has one
	live, err := d.Store.LiveCodes(ctx, org.ID.Key(), to, d.Now())
	if err != nil || live >= maxLive {
		return mail.Mail{}, false, err
	}
	code, err := d.newCode(ctx, org, to, r.Customer)
	if err != nil {
		return mail.Mail{}, false, err
	}
	m, err := mail.LoginCode{
		From: d.From, To: to, Organization: letterhead(org), Language: language(r.Language, holders...), Code: code.Reveal(),
		Link: d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "authenticate")).String(), ExpiresIn: d.Lifetime,
	}.Mail()
	return m, err == nil, err
}

// maxLive is how many codes an address can have at once. Further requests send nothing: the codes that are there are good, and
// nobody's mailbox can be filled from many places.
const maxLive = 6

// maxMints is how many codes are tried; a short code may be in use.
const maxMints = 8

func (d *Service) newCode(ctx context.Context, org directory.Organization, email string, customer token.ID) (token.Code, error) {
	c := Code{Organization: org.ID, Email: email, ExpiresAt: d.Now().UTC().Truncate(time.Microsecond).Add(d.Lifetime)}
	if org.MemberModel && !customer.IsZero() {
		c.Customer = customer.Key()
	}
	for range maxMints {
		code := token.MintCode(d.Length)
		c.Hash = d.Secrets.CodeHashes(code)[0]
		if inserted, err := d.Store.InsertCode(ctx, c); err != nil || inserted {
			return code, err
		}
	}
	return token.Code{}, errors.New("every code that was minted is in use: let codes have more characters")
}
