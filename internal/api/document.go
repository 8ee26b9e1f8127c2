package api

import (
	"net/http"
	"sync"

	"github.com/postern-go/postern/internal/openapi"
)

// document is what is served about the API itself, made once.
type document struct {
	json []byte
	// page is made when it is first asked for: that takes longer than everything else that a server does when it starts.
	page func() []byte
}

func newDocument(publicURL string) document {
	return document{json: openapi.JSON(publicURL), page: sync.OnceValue(func() []byte { return openapi.Page(publicURL) })}
}

// openapi is GET /openapi.json.
func (a *api) openapi(c *call) error { return c.send(http.StatusOK, a.document.json) }

// docs is GET /docs. The page loads its stylesheet and nothing else.
func (a *api) docs(c *call) error {
	h := c.Exchange.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	return c.page("text/html; charset=utf-8", a.document.page())
}

// docsStyle is GET /docs/style.css.
func (a *api) docsStyle(c *call) error {
	return c.page("text/css; charset=utf-8", openapi.Style())
}

func (c *call) page(contentType string, b []byte) error {
	h := c.Exchange.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	if _, err := c.Exchange.Write(b); err != nil {
		c.Cause = err // the caller is gone, and the answer with it
	}
	return nil
}
