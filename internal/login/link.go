package login

import (
	"context"
	"net/url"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
)

// PortalLink returns a link that opens the portal with a new session. The link contains the session's token or, if oneTime is
// set, a new ticket for the session. If a client repeats the create request, it gets another ticket, because the store has only
// the hash of the first one.
func (d *Service) PortalLink(ctx context.Context, org directory.Organization, issued session.Issued, h directory.Holder, oneTime bool) (string, error) {
	query := "?customer_session_token=" + issued.Token.Reveal()
	if oneTime {
		ticket, err := d.Sessions.NewTicket(ctx, issued)
		if err != nil {
			return "", err
		}
		query = "?ticket=" + ticket.Reveal()
	}
	link := d.PublicURL.JoinPath(directory.PortalPath(org.Slug)).String() + query
	if email := h.Email(); email != nil {
		link += "&email=" + url.QueryEscape(*email)
	}
	return link, nil
}
