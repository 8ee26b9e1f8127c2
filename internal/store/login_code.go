package store

import (
	"context"
	"errors"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
)

const (
	codeByHash = `SELECT p.hash, o.key, o.tail, p.email, p.customer, p.expires_at
		FROM login_codes p JOIN organizations o ON o.key = p.organization WHERE p.hash = $1 AND ` + stillPending
	liveCodes  = `SELECT count(*) FROM login_codes WHERE organization = $1 AND email_folded = $2 AND counts_until > $3 AND hash <> $4`
	insertCode = `INSERT INTO login_codes (hash, organization, email, email_folded, customer, expires_at, counts_until, pending_generation)
		SELECT $1, $2, $3, $4, $5, $6, $7, o.pending_generation FROM organizations o WHERE o.key = $2 AND ` + notBlocked + `
		ON CONFLICT (hash) DO NOTHING`
	useCode = `DELETE FROM login_codes AS p WHERE p.hash = $1
		AND EXISTS (SELECT 1 FROM organizations o WHERE o.key = p.organization AND ` + stillPending + `) RETURNING organization, email_folded`
	// deleteLostCodes deletes the codes that do not count although they have not expired.
	deleteLostCodes = `DELETE FROM login_codes WHERE organization = $1 AND email_folded = $2 AND counts_until <= $3 AND expires_at > $3`
	deleteCodes     = `DELETE FROM login_codes WHERE organization = $1 AND email_folded = $2`
)

// InsertCode implements login.Store. Transactions insert codes of one organization one at a time, so that they count each other's
// codes.
func (s *Store) InsertCode(ctx context.Context, c login.Code, most int, now time.Time) (result login.Inserted, err error) {
	org, email := c.Organization.Key(), *folded(&c.Email)
	err = s.Write(ctx, func(tx *Tx) error {
		result = login.CodeRefused
		if err := s.lockRow(ctx, tx, "organizations", org); err != nil {
			return err
		}
		var live int
		if err := tx.QueryRow(ctx, liveCodes, org, email, micros(now), c.Hash[:]).Scan(&live); err != nil || most >= 0 && live >= most {
			return err
		}
		if most >= 0 {
			if err := tx.Exec(ctx, deleteLostCodes, org, email, micros(now)); err != nil {
				return err
			}
		}
		n, err := tx.Affect(ctx, insertCode, c.Hash[:], org, c.Email, email, c.Customer, micros(c.ExpiresAt), micros(countsUntil(c.CountsUntil, c.ExpiresAt)))
		if err != nil {
			return err
		}
		var exists bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM login_codes WHERE hash = $1)`, c.Hash[:]).Scan(&exists); err != nil {
			return err
		}
		switch {
		case n == 1:
			result = login.CodeInserted
		case exists:
			result = login.CodeExists
		}
		return nil
	})
	return result, err
}

func countsUntil(t, expires time.Time) time.Time {
	if t.IsZero() {
		return expires
	}
	return t
}

// CountCode implements login.Store.
func (s *Store) CountCode(ctx context.Context, hash token.Hash, most int, now, until time.Time) (counts bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		of, found, err := find(tx.QueryRow(ctx, `SELECT organization, email_folded FROM login_codes WHERE hash = $1`, hash[:]), scanCodeOwner)
		if counts = false; err != nil || !found {
			return err
		}
		if err := s.lockRow(ctx, tx, "organizations", of.organization); err != nil {
			return err
		}
		var live int
		err = tx.QueryRow(ctx, liveCodes, of.organization, of.email, micros(now), hash[:]).Scan(&live)
		if err != nil || most >= 0 && live >= most {
			return err
		}
		n, err := tx.Affect(ctx, `UPDATE login_codes SET counts_until = $2 WHERE hash = $1`, hash[:], micros(until))
		counts = n == 1
		return err
	})
	return counts && err == nil, err
}

// Code implements login.Store.
func (s *Store) Code(ctx context.Context, hash token.Hash) (login.Code, bool, error) {
	return find(s.queryRow(ctx, codeByHash, hash[:]), func(r row) (c login.Code, err error) {
		var org uuid
		var of []byte
		var expires int64
		err = r.Scan(&of, &org.key, &org.tail, &c.Email, &c.Customer, &expires)
		c.Hash, c.Organization, c.ExpiresAt = hashOf(of), org.id(), instant(expires)
		return c, err
	})
}

// RedeemCode implements login.Store. The rollback of a failed redemption restores the deleted codes.
func (s *Store) RedeemCode(ctx context.Context, r login.Redemption) (redeemed bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		of, found, err := find(tx.QueryRow(ctx, useCode, r.Hash[:]), scanCodeOwner)
		if redeemed = found; err != nil || !found {
			return err
		}
		if !r.KeepSiblings {
			if err := tx.Exec(ctx, deleteCodes, of.organization, of.email); err != nil {
				return err
			}
		}
		if inserted, err := insertSession(ctx, tx, r.Session); err != nil || !inserted {
			return errors.Join(errors.New("insert the session of a login code: the session key exists already"), err)
		}
		if err := s.audit(ctx, tx, signInEvent(ctx, r.Session)); err != nil {
			return err
		}
		if err := s.announce(ctx, tx, r.Session); err != nil {
			return err
		}
		return s.endSurplus(ctx, tx, r.Session, r.Options)
	})
	return redeemed && err == nil, err
}

// codeOwner is the organization and the folded address of a code.
type codeOwner struct {
	organization token.Key
	email        string
}

func scanCodeOwner(r row) (o codeOwner, err error) {
	err = r.Scan(&o.organization, &o.email)
	return o, err
}

const (
	// A code that names no customer can be for another account with the same address, so a pending member does not delete it.
	deleteCustomerCodes = `DELETE FROM login_codes WHERE organization = $1 AND (customer = $2 OR customer = 0 AND email_folded IN (
		SELECT email_folded FROM customers WHERE key = $2
		UNION ALL SELECT email_folded FROM members WHERE customer = $2 AND deleted_at IS NULL AND NOT pending))`
	deleteMemberCodes = `DELETE FROM login_codes WHERE organization = $1 AND (
		customer = $2 AND email_folded IN (SELECT email_folded FROM members WHERE key = $3)
		OR customer = 0 AND email_folded IN (SELECT email_folded FROM members WHERE key = $3 AND NOT pending))`
)

// deleteHolderCodes deletes the login codes of holders whose sessions all end or whose email address changes. Otherwise, a code
// that was sent before could open a new session. It must be called before the change is written, because it reads the old addresses.
func deleteHolderCodes(ctx context.Context, tx *Tx, was, now directory.Roster) error {
	org, customer := was.Organization.ID.Key(), was.Customer.ID.Key()
	whole := movedEmail(was.Customer.Email, now.Customer.Email)
	var members []token.Key
	for _, e := range now.Ended {
		whole = whole || e.Member == 0
		members = append(members, e.Member)
	}
	if whole {
		return tx.Exec(ctx, deleteCustomerCodes, org, customer)
	}
	for i, m := range was.Members {
		if movedEmail(m.Email, now.Members[i].Email) {
			members = append(members, m.ID.Key())
		}
	}
	for _, m := range members {
		if err := tx.Exec(ctx, deleteMemberCodes, org, customer, m); err != nil {
			return err
		}
	}
	return nil
}

// movedEmail reports whether a holder had an address and has another one now.
func movedEmail(was, now *string) bool {
	return was != nil && (now == nil || *folded(was) != *folded(now))
}
