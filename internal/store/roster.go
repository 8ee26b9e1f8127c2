package store

import (
	"context"
	"reflect"
	"slices"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ChangeCustomer is directory.Store's.
func (s *Store) ChangeCustomer(ctx context.Context, key token.Key, change func(r *directory.Roster) error) (taken directory.Conflict, found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		taken = directory.Conflict{}
		var was directory.Roster
		if was, found, err = s.roster(ctx, tx, key); err != nil || !found {
			return err
		}
		now := directory.Roster{Customer: was.Customer, Members: slices.Clone(was.Members), Organization: was.Organization}
		if err := change(&now); err != nil {
			return err
		}
		if now.Customer.DeletedAt == nil {
			if taken, err = takenBy(ctx, tx, now.Customer); err != nil || taken != (directory.Conflict{}) {
				return err // and nothing was written yet, so that nothing is kept
			}
		}
		if found, err = spend(ctx, tx, now.Spend); err != nil || !found {
			return err
		}
		if err := keepRoster(ctx, tx, was, now); err != nil {
			return err
		}
		if err := s.revoke(ctx, tx, endings(now)...); err != nil {
			return err
		}
		return forgetEmailUpdates(ctx, tx, now)
	})
	return taken, found, err
}

// roster reads a customer and its members, and locks the customer: whoever changes a member comes through here too.
func (s *Store) roster(ctx context.Context, tx *Tx, key token.Key) (r directory.Roster, found bool, err error) {
	if lock := s.dialect().forUpdate; lock != "" {
		if err := tx.Exec(ctx, `SELECT key FROM customers WHERE key = $1`+lock, key); err != nil {
			return r, false, err
		}
	}
	if r.Customer, found, err = find(tx.QueryRow(ctx, customerByKey, key), scanCustomer); err != nil || !found {
		return r, false, err
	}
	if r.Organization, _, err = find(tx.QueryRow(ctx, organizationByKey, r.Customer.Organization.Key()), scanOrganization); err != nil {
		return r, false, err
	}
	r.Members, err = all(scanMember)(tx.Query(ctx, selectMember+` WHERE m.customer = $1 AND m.deleted_at IS NULL ORDER BY m.created_at, m.key`, key))
	return r, true, err
}

// spend uses up an email update; false when it is gone. No update, 0, is always there.
func spend(ctx context.Context, tx *Tx, key token.Key) (bool, error) {
	if key == 0 {
		return true, nil
	}
	n, err := tx.Affect(ctx, `DELETE FROM email_updates WHERE key = $1`, key)
	return n == 1, err
}

// forgetEmailUpdates drops what the holders of ended sessions have asked for: whoever was put out must not come back in through
// a mail that is still under way. What has expired goes with it, so that there are few to look through.
func forgetEmailUpdates(ctx context.Context, tx *Tx, r directory.Roster) error {
	if len(r.Ended) == 0 {
		return nil
	}
	return tx.Exec(ctx, `DELETE FROM email_updates WHERE customer = $1 OR expires_at <= $2`, r.Customer.ID.Key(), micros(r.Ended[0].At))
}

// keepRoster writes what differs.
func keepRoster(ctx context.Context, tx *Tx, was, now directory.Roster) error {
	if !reflect.DeepEqual(was.Customer, now.Customer) {
		if err := updateCustomer(ctx, tx, now.Customer); err != nil {
			return err
		}
	}
	for i, m := range now.Members {
		switch {
		case i >= len(was.Members): // members are added behind those that were there
			if err := insertMember(ctx, tx, m); err != nil {
				return err
			}
		case !reflect.DeepEqual(was.Members[i], m):
			if err := updateMember(ctx, tx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// endings are the rows of the revocation log that a change asks for.
func endings(r directory.Roster) []session.Revocation {
	var log []session.Revocation
	for _, e := range r.Ended {
		log = append(log, session.Revocation{
			Organization: r.Customer.Organization.Key(), Customer: r.Customer.ID.Key(), Member: e.Member,
			Generation: generationOf(r, e.Member), Reason: e.Reason, At: e.At,
		})
	}
	return log
}

// generationOf is the new generation of those whose sessions have ended.
func generationOf(r directory.Roster, member token.Key) uint32 {
	for i := range r.Members {
		if r.Members[i].ID.Key() == member {
			return r.Members[i].Generation
		}
	}
	return r.Customer.Generation
}
