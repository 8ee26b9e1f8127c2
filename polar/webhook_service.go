package polar

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// WebhooksService groups the operations under /v1/webhooks.
type WebhooksService struct{ core *Core }

// WebhookEndpointCreate is an endpoint to send events to.
type WebhookEndpointCreate struct {
	// URL is https, and leads to a public address; on a Postern its operator may allow others.
	URL string `json:"url"`
	// Name is for people.
	Name Optional[string] `json:"name,omitzero"`
	// Format is "raw" where nothing is said.
	Format string `json:"format,omitzero"`
	// Events are the types that are sent, such as [EventSessionCreated].
	Events []string `json:"events"`
}

// WebhookEndpointUpdate says what to change in an endpoint. What is left out stays.
type WebhookEndpointUpdate struct {
	URL     Optional[string]   `json:"url,omitzero"`
	Name    Optional[string]   `json:"name,omitzero"`
	Format  Optional[string]   `json:"format,omitzero"`
	Events  Optional[[]string] `json:"events,omitzero"`
	Enabled Optional[bool]     `json:"enabled,omitzero"`
}

// WebhookDeliveryListParams are the filters of a list of deliveries; the zero value is all of them.
type WebhookDeliveryListParams struct {
	// EndpointID is the id of an endpoint; "" for all.
	EndpointID string
	// State is "pending", "succeeded" or "failed"; "" for all.
	State string
	Page  Page
}

func (p WebhookDeliveryListParams) call() call {
	f := filters{}
	f.addText("endpoint_id", p.EndpointID)
	f.addText("state", p.State)
	return call{op: &listWebhookDeliveries, query: url.Values(f)}
}

var (
	listWebhookEndpoints = operation{
		name: "list webhook endpoints", method: http.MethodGet, path: "/v1/webhooks/endpoints", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	createWebhookEndpoint = operation{
		name: "create webhook endpoint", method: http.MethodPost, path: "/v1/webhooks/endpoints", status: http.StatusCreated, auth: organizationAuth,
	}
	getWebhookEndpoint = operation{
		name: "get webhook endpoint", method: http.MethodGet, path: "/v1/webhooks/endpoints/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	updateWebhookEndpoint = operation{
		name: "update webhook endpoint", method: http.MethodPatch, path: "/v1/webhooks/endpoints/{id}", status: http.StatusOK, auth: organizationAuth,
	}
	deleteWebhookEndpoint = operation{
		name: "delete webhook endpoint", method: http.MethodDelete, path: "/v1/webhooks/endpoints/{id}",
		status: http.StatusNoContent, auth: organizationAuth,
	}
	resetWebhookSecret = operation{
		name: "reset webhook endpoint secret", method: http.MethodPatch, path: "/v1/webhooks/endpoints/{id}/secret",
		status: http.StatusOK, auth: organizationAuth,
	}
	rotateWebhookSecret = operation{
		name: "rotate webhook endpoint secret", method: http.MethodPost, path: "/v1/webhooks/endpoints/{id}/secret",
		status: http.StatusOK, auth: organizationAuth,
	}
	listWebhookDeliveries = operation{
		name: "list webhook deliveries", method: http.MethodGet, path: "/v1/webhooks/deliveries", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	redeliverWebhookEvent = operation{
		name: "redeliver webhook event", method: http.MethodPost, path: "/v1/webhooks/events/{id}/redeliver",
		status: http.StatusAccepted, auth: organizationAuth,
	}
)

// ListEndpoints iterates over the endpoints (GET /v1/webhooks/endpoints).
func (s WebhooksService) ListEndpoints(ctx context.Context, page Page, opts ...Option) iter.Seq2[*WebhookEndpoint, error] {
	return iterate[WebhookEndpoint](ctx, s.core, call{op: &listWebhookEndpoints}, page, opts)
}

// ListEndpointsPage fetches one page of what ListEndpoints iterates over.
func (s WebhooksService) ListEndpointsPage(ctx context.Context, page Page, opts ...Option) (*List[WebhookEndpoint], error) {
	return fetchPage[WebhookEndpoint](ctx, s.core, call{op: &listWebhookEndpoints}, page, opts)
}

// CreateEndpoint makes an endpoint and returns it with its secret (POST /v1/webhooks/endpoints).
func (s WebhooksService) CreateEndpoint(ctx context.Context, in WebhookEndpointCreate, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &createWebhookEndpoint, body: in}, opts)
}

// GetEndpoint returns an endpoint; [ErrNotFound] when there is none (GET /v1/webhooks/endpoints/{id}).
func (s WebhooksService) GetEndpoint(ctx context.Context, id string, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &getWebhookEndpoint, path: []string{id}}, opts)
}

// UpdateEndpoint changes an endpoint and returns it; [ErrNotFound] when there is none (PATCH /v1/webhooks/endpoints/{id}).
func (s WebhooksService) UpdateEndpoint(ctx context.Context, id string, in WebhookEndpointUpdate, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &updateWebhookEndpoint, path: []string{id}, body: in}, opts)
}

// DeleteEndpoint takes an endpoint away; [ErrNotFound] when there is none (DELETE /v1/webhooks/endpoints/{id}).
func (s WebhooksService) DeleteEndpoint(ctx context.Context, id string, opts ...Option) error {
	return call{op: &deleteWebhookEndpoint, path: []string{id}}.send(ctx, s.core, opts)
}

// ResetEndpointSecret gives an endpoint a new secret, which it returns with it, at once; [ErrNotFound] when there is none (PATCH
// /v1/webhooks/endpoints/{id}/secret).
func (s WebhooksService) ResetEndpointSecret(ctx context.Context, id string, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &resetWebhookSecret, path: []string{id}}, opts)
}

// RotateEndpointSecret is ResetEndpointSecret with a day in which the old secret signs too (Postern: POST
// /v1/webhooks/endpoints/{id}/secret).
func (s WebhooksService) RotateEndpointSecret(ctx context.Context, id string, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &rotateWebhookSecret, path: []string{id}}, opts)
}

// ListDeliveries iterates over the deliveries, the newest first (GET /v1/webhooks/deliveries).
func (s WebhooksService) ListDeliveries(ctx context.Context, params WebhookDeliveryListParams, opts ...Option) iter.Seq2[*WebhookDelivery, error] {
	return iterate[WebhookDelivery](ctx, s.core, params.call(), params.Page, opts)
}

// ListDeliveriesPage fetches one page of what ListDeliveries iterates over.
func (s WebhooksService) ListDeliveriesPage(ctx context.Context, params WebhookDeliveryListParams, opts ...Option) (*List[WebhookDelivery], error) {
	return fetchPage[WebhookDelivery](ctx, s.core, params.call(), params.Page, opts)
}

// RedeliverEvent has an event sent again; [ErrNotFound] when there is none (POST /v1/webhooks/events/{id}/redeliver).
func (s WebhooksService) RedeliverEvent(ctx context.Context, id string, opts ...Option) error {
	return call{op: &redeliverWebhookEvent, path: []string{id}}.send(ctx, s.core, opts)
}
