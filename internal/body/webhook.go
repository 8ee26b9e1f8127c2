package body

import "github.com/postern-go/postern/internal/directory"

// WebhookEndpointCreate is the body of POST /v1/webhooks/endpoints.
type WebhookEndpointCreate struct {
	// OrganizationID is nil if it was absent or null.
	OrganizationID *[16]byte
	URL            string
	// Name is nil if it was absent, null or blank.
	Name   *string
	Events []string
}

// webhookFormats are the supported payload formats. Polar has more.
var webhookFormats = []string{"raw"}

// ReadWebhookEndpointCreate reads a new webhook endpoint. Its events must be among the allowed ones.
func ReadWebhookEndpointCreate(v Value, allowed []string) (in WebhookEndpointCreate, err error) {
	o := open(v)
	o.describe("url", true, Schema{Type: "string", Format: "uri", MaxLength: directory.MaxURL})
	if _, ok := o.member("url", true); ok {
		in.URL = o.url("url")
	}
	in.Name = o.name("name")
	o.choice("format", webhookFormats...)
	in.Events = o.requiredChoices("events", allowed)
	in.OrganizationID = o.optionalUUID("organization_id")
	return result(in, o)
}

// WebhookEndpointUpdate is the body of PATCH /v1/webhooks/endpoints/{id}.
type WebhookEndpointUpdate struct {
	URL     Optional[string]
	Name    Optional[string]
	Events  Optional[[]string]
	Enabled Optional[bool]
}

// ReadWebhookEndpointUpdate reads the changed fields of a webhook endpoint. Its events must be among the allowed ones.
func ReadWebhookEndpointUpdate(v Value, allowed []string) (in WebhookEndpointUpdate, err error) {
	o := open(v)
	in.URL = optional(o, "url", o.optionalURL)
	in.Name = optional(o, "name", o.name)
	o.optionalChoice(webhookFormats...)("format")
	in.Events = optional(o, "events", o.optionalChoices(allowed))
	in.Enabled = optional(o, "enabled", o.optionalFlag)
	return result(in, o)
}

// WebhookEndpointList is the query of GET /v1/webhooks/endpoints.
type WebhookEndpointList struct {
	Paging
	// OrganizationIDs selects the endpoints of any of these organizations. It is nil if it was not given.
	OrganizationIDs [][16]byte
}

// ReadWebhookEndpointList reads the query of the list of webhook endpoints.
func ReadWebhookEndpointList(values Query) (WebhookEndpointList, error) {
	q := openQuery(values)
	return result(WebhookEndpointList{Paging: q.paging(), OrganizationIDs: q.uuids("organization_id")}, q.object)
}

// WebhookDeliveryList is the query of GET /v1/webhooks/deliveries. A nil filter was not given.
type WebhookDeliveryList struct {
	Paging
	EndpointID *[16]byte
	// State is "pending", "succeeded" or "failed".
	State *string
}

// ReadWebhookDeliveryList reads the query of the list of webhook deliveries.
func ReadWebhookDeliveryList(values Query) (WebhookDeliveryList, error) {
	q := openQuery(values)
	return result(WebhookDeliveryList{
		Paging: q.paging(), EndpointID: q.oneUUID("endpoint_id"), State: q.choice("state", "pending", "succeeded", "failed"),
	}, q.object)
}
