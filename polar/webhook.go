package polar

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// The types of a Postern's events; Polar has others. [ParseWebhook] tells what each brings.
const (
	EventSessionCreated = "session.created"
	// EventSessionFirstUsed tells, within some seconds, that a session was used for the first time.
	EventSessionFirstUsed = "session.first_used"
	// EventSessionRevoked tells of an end before its time: of each session, also when all of a holder end at once.
	EventSessionRevoked = "session.revoked"
	EventSessionExpired = "session.expired"
	// EventLoginFailed tells of a login code that was refused, where it is known whose customer it was about.
	EventLoginFailed = "login.failed"
)

// WebhookEndpoint is where an organization hears of events (GET /v1/webhooks/endpoints). It prints and logs without its secret; as
// JSON it is the wire's, with the secret.
type WebhookEndpoint struct {
	CreatedAt  time.Time  `json:"created_at"`
	ModifiedAt *time.Time `json:"modified_at"`
	ID         string     `json:"id"`
	URL        string     `json:"url"`
	Name       *string    `json:"name"`
	// Format is "raw": the events as JSON.
	Format string `json:"format"`
	// Secret signs what is sent: "whsec_" and base64. It is nil but in the answers that make one.
	Secret         *WebhookSecret `json:"secret"`
	OrganizationID string         `json:"organization_id"`
	// Events are the types that are sent, such as [EventSessionCreated].
	Events  []string `json:"events"`
	Enabled bool     `json:"enabled"`
	// FailingSince is when an event was given up after three days; nil for an endpoint that works, or works again.
	FailingSince *time.Time `json:"failing_since"`
}

func (e *WebhookEndpoint) check() error { return requireText("id", e.ID) }

// String names the endpoint and leaves out its secret.
func (e WebhookEndpoint) String() string { return "webhook endpoint " + e.ID + " at " + e.URL }

// LogValue is [WebhookEndpoint.String], for slog.
func (e WebhookEndpoint) LogValue() slog.Value { return slog.StringValue(e.String()) }

// WebhookSecret is a secret of a webhook endpoint. It prints and logs as nothing but its beginning; string(s) is the whole.
type WebhookSecret string

// Format prints the beginning alone, for every verb.
func (WebhookSecret) Format(f fmt.State, _ rune) { io.WriteString(f, "whsec_…") }

// LogValue is the beginning alone, for slog.
func (WebhookSecret) LogValue() slog.Value { return slog.StringValue("whsec_…") }

// WebhookDelivery is an event on its way to an endpoint (GET /v1/webhooks/deliveries).
type WebhookDelivery struct {
	CreatedAt time.Time `json:"created_at"`
	// ModifiedAt is when it was last tried; nil for one that was not yet.
	ModifiedAt *time.Time `json:"modified_at"`
	ID         string     `json:"id"`
	EndpointID string     `json:"endpoint_id"`
	// State is "pending", "succeeded" or "failed".
	State     string `json:"state"`
	Succeeded bool   `json:"succeeded"`
	Attempts  int    `json:"attempts"`
	// NextAttemptAt is nil for one that is not pending.
	NextAttemptAt *time.Time `json:"next_attempt_at"`
	// HTTPCode is the status of the last answer; nil when there was none.
	HTTPCode *int `json:"http_code"`
	// Error says in a word why the last attempt has failed; nil for one that has not.
	Error        *string      `json:"error"`
	WebhookEvent WebhookEvent `json:"webhook_event"`
}

func (d *WebhookDelivery) check() error { return requireText("id", d.ID) }

// WebhookEvent is something that has happened.
type WebhookEvent struct {
	CreatedAt time.Time `json:"created_at"`
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	// Payload is the body as it is sent.
	Payload string `json:"payload"`
}

// WebhookSessionPayload is the body of the events of a session.
type WebhookSessionPayload struct {
	Type      string              `json:"type"`
	Timestamp time.Time           `json:"timestamp"`
	Data      CustomerSessionInfo `json:"data"`
}

// WebhookLoginFailedPayload is the body of "login.failed".
type WebhookLoginFailedPayload struct {
	Type      string                 `json:"type"`
	Timestamp time.Time              `json:"timestamp"`
	Data      WebhookLoginFailedData `json:"data"`
}

// WebhookLoginFailedData says how somebody could not log in.
type WebhookLoginFailedData struct {
	// Reason is "expired_code", "unknown_code", "used_code" or "no_holder": nobody has the code's address any more.
	Reason string `json:"reason"`
	// Email is where the code was sent; nil for a code that never was.
	Email *string `json:"email"`
	// CustomerID is the customer that was named; nil when none was.
	CustomerID *string `json:"customer_id"`
	IP         *string `json:"ip"`
	UserAgent  *string `json:"user_agent"`
}
