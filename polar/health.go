package polar

import (
	"context"
	"encoding/json"
	"net/http"
)

// ServerService groups the operations that describe the server itself. Only Postern servers have these operations. The
// operations need no credential.
type ServerService struct{ core *Core }

// Health is the answer of a working server.
//
// Route: GET /healthz (Postern only).
type Health struct {
	// Status is "ok".
	Status string `json:"status"`
}

func (h *Health) check() error { return requireText("status", h.Status) }

var (
	health  = operation{name: "check health", method: http.MethodGet, path: "/healthz", status: http.StatusOK, auth: noAuth}
	openAPI = operation{name: "get the OpenAPI document", method: http.MethodGet, path: "/openapi.json", status: http.StatusOK, auth: noAuth}
)

// Health returns an error if the server or its store does not work.
//
// Route: GET /healthz (Postern only).
func (s ServerService) Health(ctx context.Context, opts ...Option) (*Health, error) {
	return fetch[Health](ctx, s.core, call{op: &health}, opts)
}

// OpenAPI returns the server's OpenAPI 3.1 document in JSON.
//
// Route: GET /openapi.json (Postern only).
func (s ServerService) OpenAPI(ctx context.Context, opts ...Option) (json.RawMessage, error) {
	document, err := fetch[json.RawMessage](ctx, s.core, call{op: &openAPI}, opts)
	if err != nil {
		return nil, err
	}
	return *document, nil
}
