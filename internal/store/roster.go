package store

import (
	"context"
	"reflect"
	"slices"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/idempotency"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ChangeCustomer implements directory.Store.
func (s *Store) ChangeCustomer(ctx context.Context, key token.Key, need directory.Need, claim *idempotency.Claim, change func(r *directory.Roster) error) (taken directory.Conflict, found bool, err error) {
	err = s.alone(ctx, key, func() error { return s.changeCustomer(ctx, key, need, claim, change, &taken, &found) })
	return taken, found, orNil(err)
}

func (s *Store) changeCustomer(ctx context.Context, key token.Key, need directory.Need, claim *idempotency.Claim, change func(r *directory.Roster) error,
	taken *directory.Conflict, found *bool) (err error) {
	return s.writeOnce(ctx, claim, func(tx *Tx) error {
		*taken = directory.Conflict{}
		var was directory.Roster
		if was, *found, err = s.roster(ctx, tx, key, need); err != nil {
			return err
		}
		if !*found {
			return errNothingMade
		}
		now := was
		now.Members = slices.Clone(was.Members)
		if err := change(&now); err != nil {
			return err
		}
		if now.Customer.DeletedAt == nil {
			if *taken, err = findConflict(ctx, tx, now.Customer); err != nil {
				return err
			}
			if *taken != (directory.Conflict{}) {
				return errNothingMade
			}
		}
		if now.Refused != nil {
			return now.Refused
		}
		if *found, err = spendEmailUpdate(ctx, tx, now.UsedEmailUpdate); err != nil {
			return err
		}
		if !*found {
			return errNothingMade
		}
		if err := deleteHolderCodes(ctx, tx, was, now); err != nil {
			return err
		}
		if err := saveRoster(ctx, tx, was, now); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, rosterEvents(was, now)...); err != nil {
			return err
		}
		if err := s.revoke(ctx, tx, revocationsOf(now)...); err != nil {
			return err
		}
		return deleteEmailUpdates(ctx, tx, now)
	})
}

// roster reads a customer and the members in need. It locks the customer's row, so that only one transaction at a time can change
// the customer or its members.
func (s *Store) roster(ctx context.Context, tx *Tx, key token.Key, need directory.Need) (r directory.Roster, found bool, err error) {
	if err := s.lockRow(ctx, tx, "customers", key); err != nil {
		return r, false, err
	}
	if r.Customer, found, err = find(tx.QueryRow(ctx, customerByKey, key), scanCustomer); err != nil || !found {
		return r, false, err
	}
	if r.Organization, _, err = find(tx.QueryRow(ctx, organizationByKey, r.Customer.Organization.Key()), scanOrganization); err != nil {
		return r, false, err
	}
	if r.Members, err = all(scanMember)(needed(ctx, tx, r.Customer, need)); err != nil || need.Count == 0 {
		return r, true, err
	}
	err = tx.QueryRow(ctx, countMembers, key, need.Count).Scan(&r.MemberCount)
	return r, true, err
}

// neededMembers selects the owners of customer $1, and its members with the address $2 in organization $4 and with the external id
// $3. Each part of the union reads an index. countMembers counts up to $2 members.
const (
	neededMembers = `SELECT key FROM members WHERE customer = $1 AND role = 'owner' AND deleted_at IS NULL
		UNION SELECT key FROM members WHERE organization = $4 AND email_folded = $2 AND customer = $1 AND deleted_at IS NULL
		UNION SELECT key FROM members WHERE customer = $1 AND external_id = $3 AND deleted_at IS NULL`
	countMembers = `SELECT count(*) FROM (SELECT key FROM members WHERE customer = $1 AND deleted_at IS NULL LIMIT $2) counted`
)

func needed(ctx context.Context, tx *Tx, c directory.Customer, need directory.Need) (rows, error) {
	var w where
	w.args = []any{c.ID.Key(), folded(need.Email), need.ExternalID, c.Organization.Key()}
	keys := neededMembers
	for _, id := range need.Members {
		keys += ` UNION SELECT key FROM members WHERE key = ` + w.arg(id.Key()) + ` AND customer = $1 AND deleted_at IS NULL`
	}
	return tx.Query(ctx, selectMember+` WHERE m.key IN (`+keys+`) ORDER BY m.created_at, m.key`, w.args...)
}

// spendEmailUpdate deletes an email update. It returns false if the email update does not exist or is void. If key is 0, it
// returns true without a query.
func spendEmailUpdate(ctx context.Context, tx *Tx, key token.Key) (bool, error) {
	if key == 0 {
		return true, nil
	}
	n, err := tx.Affect(ctx, useEmailUpdate, key)
	return n == 1, err
}

// deleteEmailUpdates deletes the customer's pending email updates if the change ended sessions. Otherwise, an attacker whose
// session was ended could take over the account with a confirmation link that was sent earlier. deleteEmailUpdates also deletes
// expired email updates.
func deleteEmailUpdates(ctx context.Context, tx *Tx, r directory.Roster) error {
	if len(r.Ended) == 0 {
		return nil
	}
	return tx.Exec(ctx, `DELETE FROM email_updates WHERE customer = $1 OR expires_at <= $2`, r.Customer.ID.Key(), micros(r.Ended[0].At))
}

// saveRoster writes the customer and the members that changed. If the change deleted the customer, saveRoster also deletes all its
// members.
func saveRoster(ctx context.Context, tx *Tx, was, now directory.Roster) error {
	if !reflect.DeepEqual(was.Customer, now.Customer) {
		if err := updateCustomer(ctx, tx, now.Customer); err != nil {
			return err
		}
	}
	if err := forgetProofs(ctx, tx, was, now); err != nil {
		return err
	}
	for i, m := range now.Members {
		switch {
		case i >= len(was.Members): // new members are at the end of the list
			if err := insertMember(ctx, tx, m); err != nil {
				return err
			}
		case !reflect.DeepEqual(was.Members[i], m):
			if err := updateMember(ctx, tx, m); err != nil {
				return err
			}
		}
	}
	if now.Customer.DeletedAt == nil {
		return nil
	}
	erased := ``
	if now.EraseMembers {
		if err := eraseFailedMails(ctx, tx, was.Customer); err != nil {
			return err
		}
		erased = `, email = NULL, email_folded = NULL, name = NULL`
	}
	return tx.Exec(ctx, `UPDATE members SET deleted_at = $2`+erased+` WHERE customer = $1 AND deleted_at IS NULL`,
		now.Customer.ID.Key(), micros(*now.Customer.DeletedAt))
}

// forgetProofs deletes the proofs of sessions that stay live although the address of their holder changed: their holders have not
// proved that they read the new address.
func forgetProofs(ctx context.Context, tx *Tx, was, now directory.Roster) error {
	const proven = `UPDATE sessions SET proven_at = 0 WHERE customer = $1 AND member = $2 AND proven_at > 0`
	if textOf(was.Customer.Email) != textOf(now.Customer.Email) {
		if err := tx.Exec(ctx, proven, now.Customer.ID.Key(), token.Key(0)); err != nil {
			return err
		}
	}
	for i, m := range was.Members {
		if textOf(m.Email) != textOf(now.Members[i].Email) {
			if err := tx.Exec(ctx, proven, now.Customer.ID.Key(), m.ID.Key()); err != nil {
				return err
			}
		}
	}
	return nil
}

// revocationsOf returns the rows of the revocation log for the sessions that a change ended.
func revocationsOf(r directory.Roster) []session.Revocation {
	var log []session.Revocation
	for _, e := range r.Ended {
		log = append(log, session.Revocation{
			Organization: r.Customer.Organization.Key(), Customer: r.Customer.ID.Key(), Member: e.Member,
			Generation: generationOf(r, e.Member), Reason: e.Reason, At: e.At,
		})
	}
	return log
}

// generationOf returns the generation of a member, or of the customer if the customer has no such member.
func generationOf(r directory.Roster, member token.Key) uint32 {
	for i := range r.Members {
		if r.Members[i].ID.Key() == member {
			return r.Members[i].Generation
		}
	}
	return r.Customer.Generation
}
