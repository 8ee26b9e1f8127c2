package login

import (
	"context"
	"net/url"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
)

// PortalLink leads the holder of a new session into the portal: with the token of the session, under a name that is the same
// for members, or, for a link that can be followed once, with a ticket for it. Nobody has a ticket of a create that is repeated
// but whoever repeats it, so that gets another one.
func (d *Service) PortalLink(ctx context.Context, org directory.Organization, made session.Issued, h directory.Holder, oneTime bool) (string, error) {
	query := "?customer_session_token=" + made.Token.Reveal()
	if oneTime {
		ticket, err := d.Sessions.NewTicket(ctx, made)
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
