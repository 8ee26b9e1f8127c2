package polar

import (
	"context"
	"encoding/json"
	"net/http"
)

// ServerService groups what a server says of itself.
type ServerService struct{ core *Core }

// Health is whether a server can work (Postern: GET /healthz).
type Health struct {
	// Status is "ok".
	Status string `json:"status"`
}

func (h *Health) check() error { return requireText("status", h.Status) }

var (
	health  = operation{name: "ask for health", method: http.MethodGet, path: "/healthz", status: http.StatusOK, auth: noAuth}
	openAPI = operation{name: "get the OpenAPI document", method: http.MethodGet, path: "/openapi.json", status: http.StatusOK, auth: noAuth}
)

// Health reports whether the server and its store answer: they do if there is no error (Postern: GET /healthz).
func (s ServerService) Health(ctx context.Context, opts ...Option) (*Health, error) {
	return fetch[Health](ctx, s.core, call{op: &health}, opts)
}

// OpenAPI returns the server's description of itself, an OpenAPI 3.1 document in JSON (Postern: GET /openapi.json).
func (s ServerService) OpenAPI(ctx context.Context, opts ...Option) (json.RawMessage, error) {
	document, err := fetch[json.RawMessage](ctx, s.core, call{op: &openAPI}, opts)
	if err != nil {
		return nil, err
	}
	return *document, nil
}
