package polar_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
)

const (
	webhookSecret = polar.WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	webhookBody   = `{"type":"unheard.of","timestamp":"2026-10-01T12:00:00Z","data":{"a":[1]}}`
)

// signature signs as the Standard Webhooks specification says, with the base64-decoded key.
func signature(secret polar.WebhookSecret, id, stamp, body string) string {
	if text, ok := strings.CutPrefix(string(secret), "whsec_"); ok {
		key, _ := base64.StdEncoding.DecodeString(text)
		secret = polar.WebhookSecret(key)
	}
	return polarSignature(secret, id, stamp, body)
}

// polarSignature signs as Polar does, with the text of the secret as the key.
func polarSignature(secret polar.WebhookSecret, id, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, id+"."+stamp+"."+body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func newWebhook(id, stamp, signature, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", signature)
	return r
}

// timestampIn returns the Unix time after a duration.
func timestampIn(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }

// The signature is the example of https://github.com/standard-webhooks/standard-webhooks.
func TestParseWebhookAcceptsSpecificationSignature(t *testing.T) {
	const body = `{"test": 2432232314}`
	receiver := polar.WebhookReceiver{Secrets: []polar.WebhookSecret{webhookSecret}, Now: func() time.Time { return time.Unix(1614265330, 0) }}
	_, err := receiver.Parse(newWebhook("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", body))
	if !errors.Is(err, polar.ErrWebhookMalformed) || !strings.Contains(err.Error(), "type is missing") { // the type is checked after the signature
		t.Error(err)
	}
}

func TestParseWebhookChecksSignatureAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const plain = polar.WebhookSecret("polar_whs_text that is the key itself")
		other := polar.WebhookSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("another")))
		good := func(d time.Duration, secret polar.WebhookSecret) *http.Request {
			return newWebhook("evt", timestampIn(d), signature(secret, "evt", timestampIn(d), webhookBody), webhookBody)
		}
		without := func(name string) *http.Request {
			r := good(0, webhookSecret)
			r.Header.Del(name)
			return r
		}
		large := `{"type":"x","data":"` + strings.Repeat("x", 1<<20) + `"}`
		for name, test := range map[string]struct {
			request *http.Request
			secrets []polar.WebhookSecret
			is      error
			text    string // of the error
		}{
			"good":                           {good(0, webhookSecret), nil, nil, ""},
			"one of two secrets":             {good(0, webhookSecret), []polar.WebhookSecret{other, webhookSecret}, nil, ""},
			"a secret that is text":          {good(0, plain), []polar.WebhookSecret{plain}, nil, ""},
			"signed with the text of whsec_": {newWebhook("evt", timestampIn(0), polarSignature(webhookSecret, "evt", timestampIn(0), webhookBody), webhookBody), nil, nil, ""},
			"whsec_ without base64":          {newWebhook("evt", timestampIn(0), polarSignature("whsec_hunter2!", "evt", timestampIn(0), webhookBody), webhookBody), []polar.WebhookSecret{"whsec_hunter2!"}, nil, ""},
			"another secret without base64":  {good(0, webhookSecret), []polar.WebhookSecret{"whsec_hunter2!"}, polar.ErrWebhookSignature, ""},
			"one of two signatures":          {newWebhook("evt", timestampIn(0), signature(other, "evt", timestampIn(0), webhookBody)+" v1a,xx "+signature(webhookSecret, "evt", timestampIn(0), webhookBody), webhookBody), nil, nil, ""},
			"five minutes old":               {good(-5*time.Minute, webhookSecret), nil, nil, ""},
			"five minutes in the future":     {good(5*time.Minute, webhookSecret), nil, nil, ""},
			"older":                          {good(-5*time.Minute-time.Second, webhookSecret), nil, polar.ErrWebhookTimestamp, "5m1s old"},
			"further in the future":          {good(5*time.Minute+time.Second, webhookSecret), nil, polar.ErrWebhookTimestamp, "-5m1s old"},
			"smallest timestamp":             {newWebhook("evt", "-9223372036854775808", "v1,x", webhookBody), nil, polar.ErrWebhookTimestamp, ""},
			"largest timestamp":              {newWebhook("evt", "9223372036854775807", "v1,x", webhookBody), nil, polar.ErrWebhookTimestamp, ""},
			"another secret":                 {good(0, webhookSecret), []polar.WebhookSecret{other}, polar.ErrWebhookSignature, ""},
			"another body":                   {newWebhook("evt", timestampIn(0), signature(webhookSecret, "evt", timestampIn(0), webhookBody), webhookBody+" "), nil, polar.ErrWebhookSignature, ""},
			"another id":                     {newWebhook("evil", timestampIn(0), signature(webhookSecret, "evt", timestampIn(0), webhookBody), webhookBody), nil, polar.ErrWebhookSignature, ""},
			"another time":                   {newWebhook("evt", timestampIn(time.Second), signature(webhookSecret, "evt", timestampIn(0), webhookBody), webhookBody), nil, polar.ErrWebhookSignature, ""},
			"another scheme":                 {newWebhook("evt", timestampIn(0), "v2"+signature(webhookSecret, "evt", timestampIn(0), webhookBody)[2:], webhookBody), nil, polar.ErrWebhookSignature, ""},
			"a signature cut short":          {newWebhook("evt", timestampIn(0), signature(webhookSecret, "evt", timestampIn(0), webhookBody)[:20], webhookBody), nil, polar.ErrWebhookSignature, ""},
			"no id":                          {without("webhook-id"), nil, polar.ErrWebhookMalformed, "missing or invalid"},
			"no timestamp":                   {without("webhook-timestamp"), nil, polar.ErrWebhookMalformed, "missing or invalid"},
			"no signature":                   {without("webhook-signature"), nil, polar.ErrWebhookMalformed, "missing or invalid"},
			"a broken timestamp":             {newWebhook("evt", "1.5", "v1,x", webhookBody), nil, polar.ErrWebhookMalformed, "missing or invalid"},
			"no JSON":                        {newWebhook("evt", timestampIn(0), signature(webhookSecret, "evt", timestampIn(0), "hello"), "hello"), nil, polar.ErrWebhookMalformed, "invalid character"},
			"too large":                      {newWebhook("evt", timestampIn(0), signature(webhookSecret, "evt", timestampIn(0), large), large), nil, polar.ErrWebhookMalformed, "exceeds 1048576 bytes"},
			"no secret":                      {good(0, webhookSecret), []polar.WebhookSecret{}, nil, "no secret is set"},
			"an empty secret":                {good(0, webhookSecret), []polar.WebhookSecret{""}, nil, "secret 0 is empty"},
			"an empty whsec_":                {good(0, webhookSecret), []polar.WebhookSecret{webhookSecret, "whsec_"}, nil, "secret 1 is empty"},
		} {
			if test.secrets == nil {
				test.secrets = []polar.WebhookSecret{webhookSecret}
			}
			event, err := polar.ParseWebhook(test.request, test.secrets...)
			if test.is == nil && test.text == "" {
				if err != nil || event.ID != "evt" || event.Type != "unheard.of" || string(event.Payload) != webhookBody || event.Session != nil || event.LoginFailed != nil {
					t.Errorf("%s: %+v, %v", name, event, err)
				}
				continue
			}
			if err == nil || event != nil || !strings.HasPrefix(err.Error(), "polar: parse webhook: ") {
				t.Errorf("%s: %v, %v", name, event, err)
				continue
			}
			wantText(t, formatted(err), []string{test.text}, []string{"hunter2", string(webhookSecret), "\n\n"})
			for _, kind := range []error{polar.ErrWebhookMalformed, polar.ErrWebhookTimestamp, polar.ErrWebhookSignature} {
				if errors.Is(err, kind) != (kind == test.is) {
					t.Errorf("%s: %v, want %v", name, err, test.is)
				}
			}
		}
	})
}

// Data is decoded by type. A signed webhook whose data does not fit its type is malformed.
func TestParseWebhookDecodesByType(t *testing.T) {
	session := `{"type":"%s","timestamp":"2026-10-01T12:00:00Z","data":` + string(golden(t, "CustomerSessionInfo")) + `}`
	login := `{"type":"login.failed","timestamp":"2026-10-01T12:00:00Z","data":` + string(golden(t, "WebhookLoginFailedData")) + `}`
	parse := func(body string) (*polar.Webhook, error) {
		return polar.ParseWebhook(newWebhook("evt", timestampIn(0), signature(webhookSecret, "evt", timestampIn(0), body), body), webhookSecret)
	}
	for _, kind := range []polar.EventType{polar.EventSessionCreated, polar.EventSessionFirstUsed, polar.EventSessionRevoked, polar.EventSessionExpired} {
		event, err := parse(fmt.Sprintf(session, kind))
		if err != nil || event.Type != kind || event.Session.State != "revoked" || event.LoginFailed != nil || event.Timestamp.Year() != 2026 {
			t.Errorf("%s: %+v, %v", kind, event, err)
		}
	}
	if event, err := parse(login); err != nil || event.LoginFailed.Reason != "expired_code" || event.Session != nil {
		t.Errorf("%+v, %v", event, err)
	}
	for _, body := range []string{
		`{}`, `[]`, `null`, `{"type":""}`, `{"type":"session.created"}`, `{"type":"session.created","data":null}`, `{"type":"session.created","data":{}}`,
		`{"type":"session.revoked","data":[]}`, `{"type":"login.failed"}`, `{"type":"login.failed","data":{}}`, `{"type":"x","timestamp":"tomorrow"}`,
	} {
		if event, err := parse(body); event != nil || !errors.Is(err, polar.ErrWebhookMalformed) {
			t.Errorf("%s: %+v, %v", body, event, err)
		}
	}
}

func TestWebhookReceiverOptions(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	receiver := polar.WebhookReceiver{Secrets: []polar.WebhookSecret{webhookSecret}, Tolerance: time.Minute, Now: func() time.Time { return at }}
	for d, want := range map[time.Duration]error{time.Minute: nil, time.Minute + time.Second: polar.ErrWebhookTimestamp} {
		stamp := fmt.Sprint(at.Add(-d).Unix())
		if _, err := receiver.Parse(newWebhook("evt", stamp, signature(webhookSecret, "evt", stamp, webhookBody), webhookBody)); !errors.Is(err, want) {
			t.Errorf("%v: %v", d, err)
		}
	}
	receiver.Tolerance = -1
	if _, err := receiver.Parse(newWebhook("evt", "1", "v1,x", webhookBody)); err == nil || !strings.Contains(err.Error(), "tolerance") {
		t.Error(err)
	}
	broken := newWebhook("evt", timestampIn(0), "v1,x", "")
	broken.Body = io.NopCloser(failingReader{})
	if _, err := polar.ParseWebhook(broken, webhookSecret); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, polar.ErrWebhookMalformed) {
		t.Error(err)
	}
	broken.Body = nil
	if _, err := polar.ParseWebhook(broken, webhookSecret); !errors.Is(err, polar.ErrWebhookMalformed) {
		t.Error(err)
	}
}

// FuzzParseWebhook checks that a webhook without a valid signature is never accepted, and that a signed one is accepted
// or malformed.
func FuzzParseWebhook(f *testing.F) {
	f.Add("evt", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,x", []byte(webhookBody))
	f.Add("", "", []byte(`{"type":"session.created","data":{"id":"x"}}`))
	f.Fuzz(func(t *testing.T, id, forged string, body []byte) {
		stamp := timestampIn(0)
		r := newWebhook(id, stamp, forged, string(body))
		r.Header["Webhook-Id"] = []string{id}
		if event, err := polar.ParseWebhook(r, webhookSecret); event != nil || err == nil {
			t.Fatalf("an unsigned webhook was accepted: %+v", event)
		}
		right := signature(webhookSecret, id, stamp, string(body))
		r = newWebhook(id, stamp, forged+" "+right, string(body))
		r.Header["Webhook-Id"] = []string{id}
		event, err := polar.ParseWebhook(r, webhookSecret)
		if err != nil && !errors.Is(err, polar.ErrWebhookMalformed) || err == nil && (string(event.ID) != id || event.Type == "" || !bytes.Equal(event.Payload, body)) {
			t.Errorf("%+v, %v", event, err)
		}
	})
}
