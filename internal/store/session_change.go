package store

import (
	"context"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// ChangeSession implements session.Store.
func (s *Store) ChangeSession(ctx context.Context, key token.Key, change func(e *session.Entry) error) (found bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		var e session.Entry
		if e, found, err = s.lockEntry(ctx, tx, key); err != nil || !found {
			return err
		}
		was := e
		if err := change(&e); err != nil {
			return err
		}
		if err := tx.Exec(ctx, `UPDATE sessions SET expires_at = $2, metadata = $3, modified_at = $4 WHERE key = $1`,
			key, micros(e.ExpiresAt), metadataText(e.Metadata), microsOrNull(e.ModifiedAt)); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, sessionEvents(was, e)...); err != nil || was.EndedAt != nil || e.EndedAt == nil {
			return err
		}
		return s.endSession(ctx, tx, e)
	})
	return found, err
}

// lockEntry finds a session and locks its row until the end of the transaction.
func (s *Store) lockEntry(ctx context.Context, tx *Tx, key token.Key) (session.Entry, bool, error) {
	if err := s.lockRow(ctx, tx, "sessions", key); err != nil {
		return session.Entry{}, false, err
	}
	return entry(ctx, tx.conn, key)
}

// endSession records the end of a session in its row and in the revocation log.
func (s *Store) endSession(ctx context.Context, tx *Tx, e session.Entry) error {
	if err := tx.Exec(ctx, `UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE key = $1`, e.ID.Key(), micros(*e.EndedAt), e.EndReason); err != nil {
		return err
	}
	if !e.EndReason.KeepsEmailUpdates() {
		if err := tx.Exec(ctx, `DELETE FROM email_updates WHERE customer = $1`, e.Customer); err != nil {
			return err
		}
	}
	if err := s.emitEnd(ctx, tx, e); err != nil {
		return err
	}
	return s.revoke(ctx, tx, session.Revocation{
		Organization: e.Organization, Customer: e.Customer, Member: e.Member, Session: e.ID.Key(), Generation: 1, Reason: e.EndReason, At: *e.EndedAt,
	})
}

// RecordUses implements session.Store. It does not replace a later use with an earlier one.
func (s *Store) RecordUses(ctx context.Context, uses []session.Use) error {
	return s.Write(ctx, func(tx *Tx) error {
		for _, v := range uses {
			if err := tx.Exec(ctx, `UPDATE sessions SET seen_at = $2, seen_ip = $3, seen_agent = $4 WHERE key = $1 AND seen_at < $2`,
				v.Session, micros(v.At), v.Client.IP, v.Client.UserAgent); err != nil {
				return err
			}
			if v.First {
				if err := s.emitFirstUse(ctx, tx, v); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// InsertSessionWithOptions implements session.Store.
func (s *Store) InsertSessionWithOptions(ctx context.Context, e session.Entry, o session.InsertOptions) (inserted bool, err error) {
	write := func() error { return s.insertWithOptions(ctx, e, o, &inserted) }
	if o.MaxSessions > 0 { // the transaction locks the customer
		err = s.alone(ctx, e.Customer, write)
	} else {
		err = write()
	}
	return inserted && err == nil, orNil(err)
}

func (s *Store) insertWithOptions(ctx context.Context, e session.Entry, o session.InsertOptions, inserted *bool) (err error) {
	return s.writeOnce(ctx, o.Claim, func(tx *Tx) error {
		if *inserted, err = insertSession(ctx, tx, e); err == nil && *inserted && o.Ticket != nil {
			*inserted, err = insertTicket(ctx, tx, e.Organization, *o.Ticket)
		}
		if err != nil {
			return err
		}
		if !*inserted { // a row with the same key exists
			return errNothingMade
		}
		if err := s.audit(ctx, tx, creationEvents(ctx, e)...); err != nil {
			return err
		}
		if err := s.announce(ctx, tx, e); err != nil {
			return err
		}
		return s.endSurplus(ctx, tx, e, o)
	})
}

// endSurplus ends the customer's oldest live sessions beyond the limit o.Most. It never ends the new session e.
func (s *Store) endSurplus(ctx context.Context, tx *Tx, e session.Entry, o session.InsertOptions) error {
	if o.MaxSessions <= 0 {
		return nil
	}
	if err := s.lockRow(ctx, tx, "customers", e.Customer); err != nil { // one transaction at a time for each customer
		return err
	}
	var w where
	w.add(`s.customer = `, e.Customer)
	w.add(`s.key <> `, e.ID.Key())
	inState(&w, session.Live, e.CreatedAt, nil)
	surplus, err := all(scanEntry)(tx.Query(ctx, selectEntry+w.String()+` ORDER BY s.created_at DESC, s.key DESC LIMIT 1000 OFFSET `+w.arg(o.MaxSessions-1), w.args...))
	if err != nil {
		return err
	}
	for _, old := range surplus {
		old.EndedAt, old.EndReason = &e.CreatedAt, o.Reason
		if err := s.endSession(ctx, tx, old.Entry); err != nil {
			return err
		}
	}
	return nil
}
