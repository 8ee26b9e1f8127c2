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

// Why a webhook is not to be believed, for errors.Is.
var (
	// ErrWebhookMalformed is a request that is no webhook: a header is missing, or the body is too large or not what was announced.
	ErrWebhookMalformed = errors.New("this is no webhook")
	// ErrWebhookTimestamp is a webhook that was sent too long ago, or comes from the future: somebody may be repeating it.
	ErrWebhookTimestamp = errors.New("the webhook was not sent just now")
	// ErrWebhookSignature is a webhook that none of the secrets has signed.
	ErrWebhookSignature = errors.New("no signature of the webhook is right")
)

// Webhook is an event that came to an endpoint, and that one of its secrets has signed.
type Webhook struct {
	// ID is the event's. An event may come more than once: whoever remembers the IDs of those it has dealt with is not misled.
	ID string
	// Type says what has happened, such as [EventSessionRevoked]. Expect types that are not listed here.
	Type string
	// Timestamp is when it happened, not when it was sent.
	Timestamp time.Time
	// Session is as it was then; nil unless Type is one of the EventSession….
	Session *CustomerSessionInfo
	// LoginFailed is nil unless Type is [EventLoginFailed].
	LoginFailed *WebhookLoginFailedData
	// Payload is the whole body, JSON, for types that this package does not know.
	Payload json.RawMessage
}

// WebhookReceiver believes webhooks (https://www.standardwebhooks.com) that one of its secrets has signed. [ParseWebhook] is enough
// for most.
type WebhookReceiver struct {
	// Secrets are those of the endpoint: one, or two while a new one takes over. The key that signs is the text of a secret, as on
	// Polar, or what the base64 behind its "whsec_" stands for, as on a Postern and in the specification.
	Secrets []WebhookSecret
	// Tolerance is how old a webhook may be, and how far ahead of the clock; 0 stands for five minutes.
	Tolerance time.Duration
	// Now is the clock; nil stands for time.Now.
	Now func() time.Time
}

// maxWebhook bounds the body of a webhook, in bytes.
const maxWebhook = 1 << 20

// ParseWebhook reads the webhook that a request brings, if one of the endpoint's secrets has signed it within five minutes.
//
// Answer it with a status of 200 to 299 once the event is dealt with or kept; else it comes again. The errors are
// [ErrWebhookMalformed], [ErrWebhookTimestamp], [ErrWebhookSignature]; of the connection, when the body cannot be read; and one for
// a secret that is empty. Types that this package does not know are no error. It reads a mebibyte of the body at most.
func ParseWebhook(r *http.Request, secrets ...WebhookSecret) (*Webhook, error) {
	return WebhookReceiver{Secrets: secrets}.Parse(r)
}

// Parse reads the webhook that a request brings, as [ParseWebhook] does.
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
	w := &Webhook{ID: r.Header.Get("Webhook-Id"), Payload: body}
	if err := w.decode(); err != nil {
		return nil, fmt.Errorf("polar: parse webhook: %w: %s", ErrWebhookMalformed, oneLine(err.Error(), 300))
	}
	return w, nil
}

func (v WebhookReceiver) keys() ([][]byte, error) {
	if len(v.Secrets) == 0 {
		return nil, errors.New("no secret was given")
	}
	if v.Tolerance < 0 {
		return nil, fmt.Errorf("the Tolerance %v is negative", v.Tolerance)
	}
	var keys [][]byte
	for i, secret := range v.Secrets {
		text, prefixed := strings.CutPrefix(string(secret), "whsec_")
		if text == "" { // everybody can sign with it
			return nil, fmt.Errorf("secret %d is empty (a variable that is not set?)", i)
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
		return nil, fmt.Errorf("%w: there is no body", ErrWebhookMalformed)
	}
	body, err := readAll(r.Body, -1, maxWebhook)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, fmt.Errorf("%w: the body is larger than %d bytes", ErrWebhookMalformed, maxWebhook)
	case err != nil:
		return nil, fmt.Errorf("the body cannot be read: %w", err)
	}
	return body, nil
}

// believe looks at the time, then at the signatures, of which there are several while a new secret takes over.
func (v WebhookReceiver) verify(h http.Header, body []byte, keys [][]byte) error {
	id, stamp, signatures := h.Get("Webhook-Id"), h.Get("Webhook-Timestamp"), h.Get("Webhook-Signature")
	sent, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil || signatures == "" {
		return fmt.Errorf("%w: Webhook-Id, Webhook-Timestamp or Webhook-Signature is missing or damaged", ErrWebhookMalformed)
	}
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	tolerance := orDefault(v.Tolerance, 5*time.Minute)
	if age := now().Sub(time.Unix(sent, 0)); age > tolerance || age < -tolerance {
		return fmt.Errorf("%w: its timestamp is %v old, and may be %v", ErrWebhookTimestamp, age.Round(time.Second), tolerance)
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

// decode takes from the payload what this package knows of it.
func (w *Webhook) decode() error {
	var envelope struct {
		Type      string          `json:"type"`
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
