package polar

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// EventType is the type of an event.
type EventType string

// Types of the events that a Postern server sends. Polar sends other types. See [Webhook] for the data of each.
const (
	// EventSessionCreated is sent for each new session.
	EventSessionCreated EventType = "session.created"
	// EventSessionFirstUsed is sent within seconds after a session was used for the first time.
	EventSessionFirstUsed EventType = "session.first_used"
	// EventSessionRevoked is sent for each session that ends before it expires, also if many sessions end at once.
	EventSessionRevoked EventType = "session.revoked"
	// EventSessionExpired is sent after a session has expired.
	EventSessionExpired EventType = "session.expired"
	// EventLoginFailed is sent if a login code is refused and the customer or organization is known.
	EventLoginFailed EventType = "login.failed"
)

// WebhookEndpoint is a URL that receives an organization's events. The value prints and logs without the secret; its
// JSON encoding contains the secret.
//
// Route: GET /v1/webhooks/endpoints.
type WebhookEndpoint struct {
	CreatedAt  time.Time         `json:"created_at"`
	ModifiedAt *time.Time        `json:"modified_at"`
	ID         WebhookEndpointID `json:"id"`
	URL        string            `json:"url"`
	Name       *string           `json:"name"`
	// APIVersion is the version of the API that events have. It is [DefaultAPIVersion] on a Postern server.
	APIVersion string `json:"api_version"`
	// Format is [WebhookFormatRaw] on a Postern server.
	Format WebhookFormat `json:"format"`
	// Secret is the key that signs events: "whsec_" followed by base64. A Postern server returns it only in the responses that
	// create or replace it, and an empty Secret otherwise.
	Secret         WebhookSecret  `json:"secret"`
	OrganizationID OrganizationID `json:"organization_id"`
	// Events are the types of events that are sent, such as [EventSessionCreated].
	Events  []EventType `json:"events"`
	Enabled bool        `json:"enabled"`
	// StandardSignature reports whether signatures are those of the Standard Webhooks specification. It is true on a Postern server.
	StandardSignature bool `json:"uses_standard_webhook_signature"`
	// FailingSince is the time when delivery of an event was given up after three days; nil if the last delivery
	// succeeded.
	FailingSince *time.Time `json:"failing_since"`
}

func (e *WebhookEndpoint) check() error { return requireText("id", e.ID) }

// WebhookSecret is the signing secret of a webhook endpoint. It prints and logs as "whsec_…", also if it is empty. Use string(s) to get the
// secret.
type WebhookSecret string

// Format prints "whsec_…" for every verb.
func (WebhookSecret) Format(f fmt.State, _ rune) { io.WriteString(f, "whsec_…") }

// LogValue returns "whsec_…" for slog.
func (WebhookSecret) LogValue() slog.Value { return slog.StringValue("whsec_…") }

// WebhookDelivery is the delivery of one event to one endpoint.
//
// Route: GET /v1/webhooks/deliveries.
type WebhookDelivery struct {
	CreatedAt time.Time `json:"created_at"`
	// ModifiedAt is the time of the last attempt; nil before the first.
	ModifiedAt *time.Time        `json:"modified_at"`
	ID         WebhookDeliveryID `json:"id"`
	EndpointID WebhookEndpointID `json:"endpoint_id"`
	// State is [DeliveryPending], [DeliverySucceeded] or [DeliveryFailed].
	State     DeliveryState `json:"state"`
	Succeeded bool          `json:"succeeded"`
	Attempts  int           `json:"attempts"`
	// NextAttemptAt is nil unless State is [DeliveryPending].
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	// HTTPCode is the status of the last response; nil if there was no response.
	HTTPCode *int `json:"http_code"`
	// Response is the body of the last response. A Postern server does not store it, so it is nil.
	Response *string `json:"response"`
	// Error is a short reason why the last attempt failed; nil if the attempt succeeded.
	Error        *string      `json:"error"`
	WebhookEvent WebhookEvent `json:"webhook_event"`
}

func (d *WebhookDelivery) check() error { return requireText("id", d.ID) }

// WebhookEvent is an event that an organization's endpoints receive.
type WebhookEvent struct {
	CreatedAt time.Time `json:"created_at"`
	// ModifiedAt is nil on a Postern server, because events do not change.
	ModifiedAt *time.Time     `json:"modified_at"`
	ID         WebhookEventID `json:"id"`
	// LastHTTPCode and Succeeded are those of the delivery. Succeeded is nil while the delivery is pending.
	LastHTTPCode *int  `json:"last_http_code"`
	Succeeded    *bool `json:"succeeded"`
	// Skipped and Archived are false on a Postern server.
	Skipped bool `json:"skipped"`
	// APIVersion is that of the endpoint.
	APIVersion string    `json:"api_version"`
	Type       EventType `json:"type"`
	// Payload is the request body that the endpoint receives.
	Payload  string `json:"payload"`
	Archived bool   `json:"is_archived"`
}

// WebhookSessionPayload is the request body of events about a session.
type WebhookSessionPayload struct {
	Type      EventType           `json:"type"`
	Timestamp time.Time           `json:"timestamp"`
	Data      CustomerSessionInfo `json:"data"`
}

// WebhookLoginFailedPayload is the request body of [EventLoginFailed].
type WebhookLoginFailedPayload struct {
	Type      EventType              `json:"type"`
	Timestamp time.Time              `json:"timestamp"`
	Data      WebhookLoginFailedData `json:"data"`
}

// WebhookLoginFailedData describes a failed login.
type WebhookLoginFailedData struct {
	// Reason is why the login failed, such as [LoginCodeExpired].
	Reason LoginFailure `json:"reason"`
	// Email is the address that the code was sent to; nil if the code is unknown.
	Email *string `json:"email"`
	// CustomerID is the customer that the login named; nil if it named none.
	CustomerID *CustomerID `json:"customer_id"`
	IP         *string     `json:"ip"`
	UserAgent  *string     `json:"user_agent"`
}
