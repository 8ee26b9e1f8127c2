package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// client is from where a request comes, for the record of a session.
func (a *api) client(r *http.Request) session.Client {
	return session.ClientFrom(web.ClientIP(r, a.TrustedProxies), r.UserAgent())
}
