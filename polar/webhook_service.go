package polar

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// WebhooksService groups the operations under /v1/webhooks. The operations need an access token.
type WebhooksService struct{ core *Core }

// WebhookEndpointCreate describes a new webhook endpoint.
type WebhookEndpointCreate struct {
	// URL is an https URL with a public address. The operator of a Postern server can allow other URLs.
	URL string `json:"url"`
	// Name is a label for people.
	Name Optional[string] `json:"name,omitzero"`
	// Format is the format of the events. Default: [WebhookFormatRaw].
	Format WebhookFormat `json:"format,omitzero"`
	// Events are the types of events to send, such as [EventSessionCreated].
	Events []EventType `json:"events"`
}

// WebhookEndpointUpdate holds the fields of an endpoint to change. Fields with their zero value are not changed.
type WebhookEndpointUpdate struct {
	URL     Optional[string]        `json:"url,omitzero"`
	Name    Optional[string]        `json:"name,omitzero"`
	Format  Optional[WebhookFormat] `json:"format,omitzero"`
	Events  Optional[[]EventType]   `json:"events,omitzero"`
	Enabled Optional[bool]          `json:"enabled,omitzero"`
}

// WebhookDeliveryListParams filters a list of deliveries. The zero value selects all deliveries.
type WebhookDeliveryListParams struct {
	// EndpointID selects the deliveries to one endpoint. An empty EndpointID selects all.
	EndpointID WebhookEndpointID
	// State selects the deliveries in one state, such as [DeliveryFailed]. An empty State selects all.
	State DeliveryState
	Page  Page
}

func (p WebhookDeliveryListParams) call() call {
	f := filters{}
	f.addText("endpoint_id", string(p.EndpointID))
	f.addText("state", string(p.State))
	return call{op: &listWebhookDeliveries, query: url.Values(f)}
}

var (
	listWebhookEndpoints = operation{
		name: "list webhook endpoints", method: http.MethodGet, path: "/v1/webhooks/endpoints", status: http.StatusOK, auth: organizationAuth, limit: maxListPage,
	}
	createWebhookEndpoint = operation{
		name: "create webhook endpoint", method: http.MethodPost, path: "/v1/webhooks/endpoints", status: http.StatusCreated, auth: organizationAuth, idempotent: true,
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

// ListEndpoints iterates over the webhook endpoints.
//
// Route: GET /v1/webhooks/endpoints.
func (s WebhooksService) ListEndpoints(ctx context.Context, page Page, opts ...Option) iter.Seq2[*WebhookEndpoint, error] {
	return iterate[WebhookEndpoint](ctx, s.core, call{op: &listWebhookEndpoints}, page, opts)
}

// ListEndpointsPage returns one page of the list that [WebhooksService.ListEndpoints] iterates over.
func (s WebhooksService) ListEndpointsPage(ctx context.Context, page Page, opts ...Option) (*List[WebhookEndpoint], error) {
	return fetchPage[WebhookEndpoint](ctx, s.core, call{op: &listWebhookEndpoints}, page, opts)
}

// CreateEndpoint creates a webhook endpoint and returns it with its secret.
//
// Route: POST /v1/webhooks/endpoints.
func (s WebhooksService) CreateEndpoint(ctx context.Context, in WebhookEndpointCreate, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &createWebhookEndpoint, body: in}, opts)
}

// GetEndpoint returns a webhook endpoint, or [ErrNotFound] if it does not exist.
//
// Route: GET /v1/webhooks/endpoints/{id}.
func (s WebhooksService) GetEndpoint(ctx context.Context, id WebhookEndpointID, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &getWebhookEndpoint, path: []string{string(id)}}, opts)
}

// UpdateEndpoint changes a webhook endpoint and returns it. It returns [ErrNotFound] if the endpoint does not exist.
//
// Route: PATCH /v1/webhooks/endpoints/{id}.
func (s WebhooksService) UpdateEndpoint(ctx context.Context, id WebhookEndpointID, in WebhookEndpointUpdate, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &updateWebhookEndpoint, path: []string{string(id)}, body: in}, opts)
}

// DeleteEndpoint deletes a webhook endpoint. It returns [ErrNotFound] if the endpoint does not exist.
//
// Route: DELETE /v1/webhooks/endpoints/{id}.
func (s WebhooksService) DeleteEndpoint(ctx context.Context, id WebhookEndpointID, opts ...Option) error {
	return call{op: &deleteWebhookEndpoint, path: []string{string(id)}}.send(ctx, s.core, opts)
}

// ResetEndpointSecret replaces the secret of a webhook endpoint, and returns the endpoint with the new secret or [ErrNotFound].
// The old secret stops signing at once.
//
// Route: PATCH /v1/webhooks/endpoints/{id}/secret.
func (s WebhooksService) ResetEndpointSecret(ctx context.Context, id WebhookEndpointID, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &resetWebhookSecret, path: []string{string(id)}}, opts)
}

// RotateEndpointSecret replaces the secret of a webhook endpoint, and returns the endpoint with the new secret or
// [ErrNotFound]. Events are signed with both secrets for one day.
//
// Route: POST /v1/webhooks/endpoints/{id}/secret (Postern only).
func (s WebhooksService) RotateEndpointSecret(ctx context.Context, id WebhookEndpointID, opts ...Option) (*WebhookEndpoint, error) {
	return fetch[WebhookEndpoint](ctx, s.core, call{op: &rotateWebhookSecret, path: []string{string(id)}}, opts)
}

// ListDeliveries iterates over the deliveries, newest first.
//
// Route: GET /v1/webhooks/deliveries.
func (s WebhooksService) ListDeliveries(ctx context.Context, params WebhookDeliveryListParams, opts ...Option) iter.Seq2[*WebhookDelivery, error] {
	return iterate[WebhookDelivery](ctx, s.core, params.call(), params.Page, opts)
}

// ListDeliveriesPage returns one page of the list that [WebhooksService.ListDeliveries] iterates over.
func (s WebhooksService) ListDeliveriesPage(ctx context.Context, params WebhookDeliveryListParams, opts ...Option) (*List[WebhookDelivery], error) {
	return fetchPage[WebhookDelivery](ctx, s.core, params.call(), params.Page, opts)
}

// RedeliverEvent sends an event again. It returns [ErrNotFound] if the event does not exist.
//
// Route: POST /v1/webhooks/events/{id}/redeliver.
func (s WebhooksService) RedeliverEvent(ctx context.Context, id WebhookEventID, opts ...Option) error {
	return call{op: &redeliverWebhookEvent, path: []string{string(id)}}.send(ctx, s.core, opts)
}
