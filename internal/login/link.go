package login

import (
	"net/url"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
)

// PortalLink returns a link that opens the portal with a new session. The link contains the session's ticket if it has one, and
// otherwise its token.
func (d *Service) PortalLink(org directory.Organization, issued session.Issued, h directory.Holder) string {
	query := "?customer_session_token=" + issued.Token.Reveal()
	if ticket := issued.Ticket.Reveal(); ticket != "" {
		query = "?ticket=" + ticket
	}
	link := d.PublicURL.JoinPath(directory.PortalPath(org.Slug)).String() + query
	if email := h.Email(); email != nil {
		link += "&email=" + url.QueryEscape(*email)
	}
	return link
}
