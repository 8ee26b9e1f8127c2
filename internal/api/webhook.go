package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
	"github.com/postern-go/postern/internal/wirejson"
	"github.com/postern-go/postern/polar"
)

// eventTypes lists the events that an endpoint can subscribe to.
var eventTypes = func() []string {
	var texts []string
	for _, kind := range webhook.Kinds() {
		texts = append(texts, string(kind))
	}
	return texts
}()

// listWebhookEndpoints handles GET /v1/webhooks/endpoints.
func (a *api) listWebhookEndpoints(c *call) error {
	in, err := body.ReadWebhookEndpointList(c.query())
	if err != nil {
		return err
	}
	if !c.own(in.OrganizationIDs) {
		return answerList(c, nil, 0, in.Paging, wireWebhookEndpoint)
	}
	list, total, err := a.Webhooks.List(c.Context(), c.subject.organization.ID, webhook.Page(directoryPage(in.Paging)))
	if err != nil {
		return err
	}
	return answerList(c, list, total, in.Paging, wireWebhookEndpoint)
}

// createWebhookEndpoint handles POST /v1/webhooks/endpoints. The answer contains the secret.
func (a *api) createWebhookEndpoint(c *call) error {
	in, wrong := body.ReadWebhookEndpointCreate(c.body, eventTypes)
	m, err := create(a, c, withSecret)
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	if err := noOrganization(in.OrganizationID); err != nil {
		return err
	}
	return m.answer(a.Webhooks.Create(c.Context(), c.subject.organization.ID, webhook.NewEndpoint{
		URL: in.URL, Name: in.Name, Kinds: kinds(in.Events), Once: m.once,
	}))
}

// getWebhookEndpoint handles GET /v1/webhooks/endpoints/{id}.
func (a *api) getWebhookEndpoint(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	e, err := a.Webhooks.Get(c.Context(), c.subject.organization.ID, id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireWebhookEndpoint(e))
}

// updateWebhookEndpoint handles PATCH /v1/webhooks/endpoints/{id}.
func (a *api) updateWebhookEndpoint(c *call) error {
	in, wrong := body.ReadWebhookEndpointUpdate(c.body, eventTypes)
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	change := webhook.EndpointChange{
		URL: in.URL.Value, Name: in.Name.Value, ClearName: in.Name.Set && in.Name.Value == nil, Enabled: in.Enabled.Value,
	}
	if in.Events.Value != nil {
		change.Kinds = kinds(*in.Events.Value)
	}
	e, err := a.Webhooks.Change(c.Context(), c.subject.organization.ID, id, change)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireWebhookEndpoint(e))
}

// deleteWebhookEndpoint handles DELETE /v1/webhooks/endpoints/{id}.
func (a *api) deleteWebhookEndpoint(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	if err := a.Webhooks.Delete(c.Context(), c.subject.organization.ID, id); err != nil {
		return err
	}
	return c.noContent()
}

// rotateWebhookSecret handles POST /v1/webhooks/endpoints/{id}/secret and, as on Polar, PATCH. The answer contains the new
// secret.
func (a *api) rotateWebhookSecret(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	e, err := a.Webhooks.RotateSecret(c.Context(), c.subject.organization.ID, id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, withSecret(e))
}

// listWebhookDeliveries handles GET /v1/webhooks/deliveries.
func (a *api) listWebhookDeliveries(c *call) error {
	in, err := body.ReadWebhookDeliveryList(c.query())
	if err != nil {
		return err
	}
	q := webhook.DeliveryQuery{Organization: c.subject.organization.ID.Key(), Endpoint: (*token.ID)(in.EndpointID), Page: webhook.Page(directoryPage(in.Paging))}
	if in.State != nil {
		q.State = webhook.State(*in.State)
	}
	list, total, err := a.Webhooks.Deliveries(c.Context(), q)
	if err != nil {
		return err
	}
	return answerList(c, list, total, in.Paging, wireWebhookDelivery)
}

// redeliverWebhookEvent handles POST /v1/webhooks/events/{id}/redeliver.
func (a *api) redeliverWebhookEvent(c *call) error {
	id, err := body.PathUUID("id", c.Param("id"))
	if err != nil {
		return err
	}
	if err := a.Webhooks.Redeliver(c.Context(), c.subject.organization.ID, id); err != nil {
		return err
	}
	return c.send(http.StatusAccepted, []byte(`null`))
}

func kinds(texts []string) []webhook.Kind {
	list := make([]webhook.Kind, len(texts))
	for i, text := range texts {
		list[i] = webhook.Kind(text)
	}
	return list
}

func wireWebhookEndpoint(e webhook.Endpoint) polar.WebhookEndpoint {
	w := polar.WebhookEndpoint{
		CreatedAt: e.CreatedAt, ModifiedAt: e.ModifiedAt, ID: polar.WebhookEndpointID(e.ID.String()), URL: e.URL, Name: e.Name, APIVersion: polar.DefaultAPIVersion,
		Format: polar.WebhookFormatRaw, StandardSignature: true,
		OrganizationID: polar.OrganizationID(e.Organization.String()), Events: []polar.EventType{}, Enabled: e.Enabled, FailingSince: e.FailingAt,
	}
	for _, kind := range e.Kinds {
		w.Events = append(w.Events, polar.EventType(kind))
	}
	return w
}

func withSecret(e webhook.Endpoint) polar.WebhookEndpoint {
	w := wireWebhookEndpoint(e)
	w.Secret = polar.WebhookSecret(e.Secret.Reveal())
	return w
}

func wireWebhookDelivery(d webhook.Delivery) polar.WebhookDelivery {
	w := polar.WebhookDelivery{
		CreatedAt: d.CreatedAt, ModifiedAt: d.ModifiedAt, ID: polar.WebhookDeliveryID(d.ID.String()),
		EndpointID: polar.WebhookEndpointID(d.Endpoint.String()), State: polar.DeliveryState(d.State), Succeeded: d.State == webhook.Succeeded, Attempts: d.Attempts, Error: wirejson.OrNull(d.Error),
		WebhookEvent: polar.WebhookEvent{
			CreatedAt: d.Event.At, ID: polar.WebhookEventID(d.Event.ID.String()), APIVersion: polar.DefaultAPIVersion,
			Type: polar.EventType(d.Event.Kind), Payload: string(d.Event.Body),
		},
	}
	if d.State == webhook.Pending {
		w.NextAttemptAt = &d.NextAt
	} else {
		w.WebhookEvent.Succeeded = &w.Succeeded
	}
	if d.HTTPCode != 0 {
		w.HTTPCode, w.WebhookEvent.LastHTTPCode = &d.HTTPCode, &d.HTTPCode
	}
	return w
}
