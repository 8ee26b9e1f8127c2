package api

import (
	"net/http"
	"sync"

	"github.com/postern-go/postern/internal/openapi"
)

// document holds the OpenAPI document and its page.
type document struct {
	json []byte
	// page renders the HTML page when it is first requested, because rendering would slow down the start of the server.
	page func() []byte
}

func newDocument(publicURL string) document {
	return document{json: openapi.JSON(publicURL), page: sync.OnceValue(func() []byte { return openapi.Page(publicURL) })}
}

// openapi handles GET /openapi.json.
func (a *api) openapi(c *call) error { return c.send(http.StatusOK, a.document.json) }

// docs handles GET /docs. The Content-Security-Policy allows the page its stylesheet and nothing else.
func (a *api) docs(c *call) error {
	h := c.Exchange.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	return c.page("text/html; charset=utf-8", a.document.page())
}

// docsStyle handles GET /docs/style.css.
func (a *api) docsStyle(c *call) error {
	return c.page("text/css; charset=utf-8", openapi.Style())
}

func (c *call) page(contentType string, b []byte) error {
	h := c.Exchange.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-cache")
	if err := c.Exchange.Send(http.StatusOK, b); err != nil {
		c.Cause = err // the client has closed the connection
	}
	return nil
}
