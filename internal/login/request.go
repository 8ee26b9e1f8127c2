package login

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/token"
)

// Request is a request for a login code (Polar: POST /v1/customer-portal/customer-session/request).
type Request struct {
	Organization token.ID
	Email        string
	// Customer selects one of several customers with the same email address; zero selects all. Without the member model, only
	// one customer can have an address, and the field is ignored.
	Customer token.ID
	// Language is the language of the browser, or nil. A customer's own locale takes precedence.
	Language *locale.Language
}

// Choice is one of several customers with the same email address.
type Choice struct {
	ID   token.ID
	Name *string
}

// Request mails a code to the address if a customer of the organization has the address. It returns at once, with the same
// result for every address. If the disclosure is [BeforeProof] and several customers have the address, Request sends no mail and
// returns these customers.
func (d *Service) Request(ctx context.Context, r Request) ([]Choice, error) {
	if d.Disclosure == BeforeProof {
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

// holders returns the organization and its holders with the request's email address. It returns no holders if the organization
// does not exist or is blocked.
func (d *Service) holders(ctx context.Context, r Request) (directory.Organization, []directory.Holder, error) {
	org, err := d.Directory.Organization(ctx, r.Organization.Key())
	if fault.Is(err, fault.NotFound) || err == nil && (org.ID != r.Organization || org.BlockedAt != nil) {
		return org, nil, nil
	}
	if err != nil {
		return org, nil, err
	}
	all, err := d.Directory.HoldersByEmail(ctx, org, r.Email)
	if org.MemberModel && !r.Customer.IsZero() {
		all = slices.DeleteFunc(all, func(h directory.Holder) bool { return h.Customer.ID != r.Customer })
	} else if !d.EnterPending {
		all = withoutPending(all)
	}
	return org, all, err
}

// withoutPending removes pending members, unless all holders are pending members. A customer can add any address to its team, so a
// pending membership must not change the login of another account with this address. Its own login needs a code that was requested
// for its customer.
func withoutPending(all []directory.Holder) []directory.Holder {
	pending := func(h directory.Holder) bool { return h.Member != nil && h.Member.Pending }
	if accepted := slices.DeleteFunc(slices.Clone(all), pending); len(accepted) > 0 {
		return accepted
	}
	return all
}

// choices returns the holders' customers without duplicates.
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

// compose creates a code and the mail that contains it. The mail goes to the stored address, not to the typed one, because two
// addresses can compare equal and still belong to different mailboxes.
func (d *Service) compose(ctx context.Context, r Request) (mail.Mail, bool, error) {
	org, holders, err := d.holders(ctx, r)
	if err != nil || len(holders) == 0 {
		return mail.Mail{}, false, err
	}
	to := *holders[0].Email() // every holder that was found by its address has an address
	if err := d.mayMail(ctx, to, org); err != nil {
		return mail.Mail{}, false, err
	}
	code, sent, made, err := d.newCode(ctx, org, to, r.Customer)
	if err != nil || !made {
		return mail.Mail{}, false, err
	}
	m, err := mail.LoginCode{
		From: d.From, To: to, Organization: letterhead(org), Language: language(r.Language, holders...), Code: code.Reveal(),
		Link: d.PublicURL.JoinPath(directory.PortalPath(org.Slug, "authenticate")).String(), ExpiresIn: d.Lifetime,
	}.Mail()
	m.Delivery = sent
	return m, err == nil, err
}

// maxMints bounds retries when a new code already exists, which can happen with short codes.
const maxMints = 8

// newCode stores a new code, which counts as [delivery] says. It reports false if the address has the maximum number of live codes.
func (d *Service) newCode(ctx context.Context, org directory.Organization, email string, customer token.ID) (token.Code, *delivery, bool, error) {
	now := d.Now().UTC().Truncate(time.Microsecond)
	c := Code{Organization: org.ID, Email: email, ExpiresAt: now.Add(d.Lifetime), CountsUntil: d.attemptEnds(now, d.Lifetime)}
	if org.MemberModel && !customer.IsZero() {
		c.Customer = customer.Key()
	}
	for range maxMints {
		code := token.MintCode(d.Alphabet, d.Length)
		c.Hash = d.Secrets.CodeHashes(code)[0]
		result, err := d.Store.InsertCode(ctx, c, d.MaxLive, now)
		if err != nil || result != CodeExists {
			count := func(ctx context.Context, most int, now, until time.Time) (bool, error) {
				return d.Store.CountCode(ctx, c.Hash, most, now, until)
			}
			return code, &delivery{d, d.MaxLive, c.ExpiresAt, count}, result == CodeInserted, err
		}
	}
	return token.Code{}, nil, false, errors.New("create login code: every generated code exists already; increase the code length")
}
