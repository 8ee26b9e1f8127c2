package polar

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Reasons why a webhook is refused, for errors.Is.
var (
	// ErrWebhookMalformed means that a request lacks a required header, or that its body is missing, too large, or not valid
	// for the type of the event.
	ErrWebhookMalformed = errors.New("malformed webhook")
	// ErrWebhookTimestamp means that the timestamp of a webhook is too far in the past or future. The webhook may be a replay.
	ErrWebhookTimestamp = errors.New("webhook timestamp is outside the tolerance")
	// ErrWebhookSignature means that none of the secrets has signed the webhook.
	ErrWebhookSignature = errors.New("webhook signature does not match")
)

// Webhook is an event with a valid signature.
type Webhook struct {
	// ID identifies the event. An event can be delivered several times with the same ID; store the IDs of processed
	// events to ignore repetitions.
	ID WebhookEventID
	// Type is the type of the event, such as [EventSessionRevoked]. The server may send types that are not listed here.
	Type EventType
	// Timestamp is the time of the event, not of its delivery.
	Timestamp time.Time
	// Session is the session at the time of the event. It is set for [EventSessionCreated], [EventSessionFirstUsed],
	// [EventSessionRevoked] and [EventSessionExpired], and nil for other types.
	Session *CustomerSessionInfo
	// LoginFailed is set for [EventLoginFailed], and nil for other types.
	LoginFailed *WebhookLoginFailedData
	// Payload is the complete JSON body, for types that this package does not decode.
	Payload json.RawMessage
}

// WebhookReceiver verifies and decodes webhooks (https://www.standardwebhooks.com) with its own tolerance and clock. If you
// need neither, use [ParseWebhook].
type WebhookReceiver struct {
	// Secrets are the endpoint's secrets. One secret is enough; use two while a secret is rotated. The key of a signature is
	// either the text of a secret, as on Polar, or the base64-decoded part after "whsec_", as on Postern and in the
	// specification.
	Secrets []WebhookSecret
	// Tolerance is the largest difference between the webhook's timestamp and the clock. Default: 5 minutes.
	Tolerance time.Duration
	// Now returns the current time. Default: time.Now.
	Now func() time.Time
}

// maxWebhook is the largest body of a webhook, in bytes.
const maxWebhook = 1 << 20

// ParseWebhook verifies the signature and timestamp of a webhook and decodes it. It accepts a webhook that one of the
// secrets has signed within the last five minutes. It reads at most 1 MiB of the body.
//
// Respond with a status from 200 to 299 after the event is processed or stored; otherwise the server sends the event
// again.
//
// The error is [ErrWebhookMalformed], [ErrWebhookTimestamp] or [ErrWebhookSignature], the error of reading the body, or
// another error if a secret is missing or empty. A type that this package does not know is not an error: use
// [Webhook.Payload].
func ParseWebhook(r *http.Request, secrets ...WebhookSecret) (*Webhook, error) {
	return WebhookReceiver{Secrets: secrets}.Parse(r)
}

// Parse verifies and decodes a webhook, with the errors of [ParseWebhook].
func (v WebhookReceiver) Parse(r *http.Request) (*Webhook, error) {
	keys, err := v.keys()
	if err != nil {
		return nil, fmt.Errorf("polar: parse webhook: %w", err)
	}
	body, err := readWebhookBody(r)
	if err == nil {
		err = v.verify(r.Header, body, keys)
	}
	if err != nil {
		return nil, fmt.Errorf("polar: parse webhook: %w", err)
	}
	w := &Webhook{ID: WebhookEventID(r.Header.Get("Webhook-Id")), Payload: body}
	if err := w.decode(); err != nil {
		return nil, fmt.Errorf("polar: parse webhook: %w: %s", ErrWebhookMalformed, oneLine(err.Error(), 300))
	}
	return w, nil
}

func (v WebhookReceiver) keys() ([][]byte, error) {
	if len(v.Secrets) == 0 {
		return nil, errors.New("no secret is set")
	}
	if v.Tolerance < 0 {
		return nil, fmt.Errorf("the tolerance %v is negative", v.Tolerance)
	}
	var keys [][]byte
	for i, secret := range v.Secrets {
		text, prefixed := strings.CutPrefix(string(secret), "whsec_")
		if text == "" { // anyone could sign with an empty key
			return nil, fmt.Errorf("secret %d is empty (is an environment variable not set?)", i)
		}
		keys = append(keys, []byte(secret))
		if key, err := base64.StdEncoding.DecodeString(text); prefixed && err == nil && len(key) > 0 {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func readWebhookBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, fmt.Errorf("%w: the body is missing", ErrWebhookMalformed)
	}
	body, err := readAll(r.Body, -1, maxWebhook)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, fmt.Errorf("%w: the body exceeds %d bytes", ErrWebhookMalformed, maxWebhook)
	case err != nil:
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}

// verify checks the timestamp and then the signatures. A webhook has several signatures while a secret is rotated.
func (v WebhookReceiver) verify(h http.Header, body []byte, keys [][]byte) error {
	id, stamp, signatures := h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature")
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil || signatures == "" {
		return fmt.Errorf("%w: the header Webhook-Id, Webhook-Timestamp or Webhook-Signature is missing or invalid", ErrWebhookMalformed)
	}
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	tolerance := orDefault(v.Tolerance, 5*time.Minute)
	if age := now().Sub(time.Unix(sent, 0)); age > tolerance || age < -tolerance {
		return fmt.Errorf("%w: the webhook is %v old; the tolerance is %v", ErrWebhookTimestamp, age.Round(time.Second), tolerance)
	}
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		io.WriteString(mac, id+"."+stamp+".")
		mac.Write(body)
		want := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		for signature := range strings.FieldsSeq(signatures) {
			if hmac.Equal([]byte(signature), want) {
				return nil
			}
		}
	}
	return ErrWebhookSignature
}

// decode sets the fields of the webhook from its payload.
func (w *Webhook) decode() error {
	var envelope struct {
		Type      EventType       `json:"type"`
		Timestamp time.Time       `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(w.Payload, &envelope); err != nil {
		return err
	}
	w.Type, w.Timestamp = envelope.Type, envelope.Timestamp
	switch w.Type {
	case EventSessionCreated, EventSessionFirstUsed, EventSessionRevoked, EventSessionExpired:
		w.Session = new(CustomerSessionInfo)
		if err := json.Unmarshal(envelope.Data, w.Session); err != nil {
			return err
		}
		return w.Session.check()
	case EventLoginFailed:
		w.LoginFailed = new(WebhookLoginFailedData)
		if err := json.Unmarshal(envelope.Data, w.LoginFailed); err != nil {
			return err
		}
		return requireText("reason", w.LoginFailed.Reason)
	}
	return requireText("type", w.Type)
}
