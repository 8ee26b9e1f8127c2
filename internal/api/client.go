package api

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// client is from where a request comes, for the record of a session.
func (a *api) client(r *http.Request) session.Client {
	c := session.Client{UserAgent: strings.ToValidUTF8(r.UserAgent(), "\uFFFD")}
	if ip := web.ClientIP(r, a.TrustedProxies); ip.IsValid() {
		c.IP = ip.String()
	}
	return c
}
