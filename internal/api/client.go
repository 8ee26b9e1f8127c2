package api

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/web"
)

// client is from where a request comes, for the record of a session.
func (a *api) client(r *http.Request) session.Client {
	return session.ClientFrom(web.ClientIP(r, a.TrustedProxies), r.UserAgent())
}

// language is the one that whoever sends a request reads; nil when the request does not say. The API answers in English: it is for
// mails.
func language(r *http.Request) *locale.Language {
	return locale.Match(strings.Join(r.Header["Accept-Language"], ","))
}
