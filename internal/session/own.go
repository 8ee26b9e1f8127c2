package session

import (
	"context"

	"github.com/postern-go/postern/internal/token"
)

// ListOwn returns a page of the live sessions of the session's own holder, the latest first: those of the same member, or those
// of the customer itself. It says how many there are on all pages.
func (s *Service) ListOwn(ctx context.Context, of *Session, page, limit int) ([]Entry, int, error) {
	return s.List(ctx, Query{
		Organization: of.Organization, Customer: of.Customer, Member: of.Member, ExactMember: true, State: Live, Page: page, Limit: limit,
	})
}

// RevokeOwn ends the session with that id, which is one of the session's own holder, or yields fault.NotFound. It promises what
// [Service.Revoke] does.
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

// SignOut ends the session itself. A read-only session may do that too. It promises what [Service.Revoke] does.
func (s *Service) SignOut(ctx context.Context, of *Session) error {
	_, err := s.Revoke(ctx, of.Organization, of.ID, SignedOut)
	return err
}
