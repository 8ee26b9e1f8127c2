package session

import (
	"context"

	"github.com/postern-go/postern/internal/token"
)

// ListOwn returns a page of the live sessions of the holder of a session, the newest first, and the number of sessions on all
// pages. page, limit and after are the fields of [Query].
func (s *Service) ListOwn(ctx context.Context, of *Session, page, limit int, after token.Key) ([]Entry, int, error) {
	return s.List(ctx, Query{
		Organization: of.Organization, Customer: of.Customer, Member: of.Member, ExactMember: true, State: Live,
		Page: page, Limit: limit, After: after,
	})
}

// RevokeOwn ends a session of the same holder, as [Service.Revoke] does. It returns fault.NotFound if the id is of a session of
// another holder.
func (s *Service) RevokeOwn(ctx context.Context, of *Session, id token.ID) error {
	e, err := s.Get(ctx, of.Organization, id)
	if err != nil {
		return err
	}
	if e.Customer != of.Customer || e.Member != of.Member {
		return errNotFound
	}
	_, err = s.Revoke(ctx, of.Organization, id, SignedOut)
	return err
}

// SignOut ends the session that the holder uses, as [Service.Revoke] does. Read-only sessions can sign out too.
func (s *Service) SignOut(ctx context.Context, of *Session) error {
	_, err := s.Revoke(ctx, of.Organization, of.ID, SignedOut)
	return err
}
