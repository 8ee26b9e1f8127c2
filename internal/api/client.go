package api

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// client returns the IP address and the user agent of a request. They are stored with a session.
func (a *api) client(r *http.Request) session.Client {
	return session.ClientFrom(web.ClientIP(r, a.TrustedProxies), r.UserAgent())
}

// language returns the best available language that the request accepts, or nil. It is for emails. The API itself answers in
// English.
func language(r *http.Request) *locale.Language {
	return locale.Match(strings.Join(r.Header["Accept-Language"], ","))
}
