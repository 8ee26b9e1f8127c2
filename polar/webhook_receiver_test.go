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
	hookSecret = polar.WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	hookBody   = `{"type":"unheard.of","timestamp":"2026-10-01T12:00:00Z","data":{"a":[1]}}`
)

// signature signs as the specification says, with the key that a secret stands for.
func signature(secret polar.WebhookSecret, id, stamp, body string) string {
	if text, ok := strings.CutPrefix(string(secret), "whsec_"); ok {
		key, _ := base64.StdEncoding.DecodeString(text)
		secret = polar.WebhookSecret(key)
	}
	return textSignature(secret, id, stamp, body)
}

// textSignature signs as Polar does, with the text of a secret.
func textSignature(secret polar.WebhookSecret, id, stamp, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, id+"."+stamp+"."+body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func hook(id, stamp, signature, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook", strings.NewReader(body))
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", stamp)
	r.Header.Set("webhook-signature", signature)
	return r
}

// now is the stamp of a time relative to now.
func now(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }

// The example of the specification (https://github.com/standard-webhooks/standard-webhooks).
func TestParseWebhookOfTheSpecification(t *testing.T) {
	const body = `{"test": 2432232314}`
	receiver := polar.WebhookReceiver{Secrets: []polar.WebhookSecret{hookSecret}, Now: func() time.Time { return time.Unix(1614265330, 0) }}
	_, err := receiver.Parse(hook("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", body))
	if !errors.Is(err, polar.ErrWebhookMalformed) || !strings.Contains(err.Error(), "type is missing") { // which is looked at behind the signature
		t.Error(err)
	}
}

func TestParseWebhook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const plain = polar.WebhookSecret("polar_whs_text that is the key itself")
		other := polar.WebhookSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte("another")))
		good := func(d time.Duration, secret polar.WebhookSecret) *http.Request {
			return hook("evt", now(d), signature(secret, "evt", now(d), hookBody), hookBody)
		}
		without := func(name string) *http.Request {
			r := good(0, hookSecret)
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
			"good":                     {good(0, hookSecret), nil, nil, ""},
			"one of two secrets":       {good(0, hookSecret), []polar.WebhookSecret{other, hookSecret}, nil, ""},
			"a secret that is text":    {good(0, plain), []polar.WebhookSecret{plain}, nil, ""},
			"the text of whsec_":       {hook("evt", now(0), textSignature(hookSecret, "evt", now(0), hookBody), hookBody), nil, nil, ""},
			"whsec_ without base64":    {hook("evt", now(0), textSignature("whsec_hunter2!", "evt", now(0), hookBody), hookBody), []polar.WebhookSecret{"whsec_hunter2!"}, nil, ""},
			"another, without base64":  {good(0, hookSecret), []polar.WebhookSecret{"whsec_hunter2!"}, polar.ErrWebhookSignature, ""},
			"one of two signatures":    {hook("evt", now(0), signature(other, "evt", now(0), hookBody)+" v1a,xx "+signature(hookSecret, "evt", now(0), hookBody), hookBody), nil, nil, ""},
			"five minutes old":         {good(-5*time.Minute, hookSecret), nil, nil, ""},
			"five minutes ahead":       {good(5*time.Minute, hookSecret), nil, nil, ""},
			"older":                    {good(-5*time.Minute-time.Second, hookSecret), nil, polar.ErrWebhookTimestamp, "5m1s old"},
			"further ahead":            {good(5*time.Minute+time.Second, hookSecret), nil, polar.ErrWebhookTimestamp, "-5m1s old"},
			"of the beginning of time": {hook("evt", "-9223372036854775808", "v1,x", hookBody), nil, polar.ErrWebhookTimestamp, ""},
			"of the end of time":       {hook("evt", "9223372036854775807", "v1,x", hookBody), nil, polar.ErrWebhookTimestamp, ""},
			"another secret":           {good(0, hookSecret), []polar.WebhookSecret{other}, polar.ErrWebhookSignature, ""},
			"another body":             {hook("evt", now(0), signature(hookSecret, "evt", now(0), hookBody), hookBody+" "), nil, polar.ErrWebhookSignature, ""},
			"another id":               {hook("evil", now(0), signature(hookSecret, "evt", now(0), hookBody), hookBody), nil, polar.ErrWebhookSignature, ""},
			"another time":             {hook("evt", now(time.Second), signature(hookSecret, "evt", now(0), hookBody), hookBody), nil, polar.ErrWebhookSignature, ""},
			"another scheme":           {hook("evt", now(0), "v2"+signature(hookSecret, "evt", now(0), hookBody)[2:], hookBody), nil, polar.ErrWebhookSignature, ""},
			"a signature cut short":    {hook("evt", now(0), signature(hookSecret, "evt", now(0), hookBody)[:20], hookBody), nil, polar.ErrWebhookSignature, ""},
			"no id":                    {without("webhook-id"), nil, polar.ErrWebhookMalformed, "missing or damaged"},
			"no timestamp":             {without("webhook-timestamp"), nil, polar.ErrWebhookMalformed, "missing or damaged"},
			"no signature":             {without("webhook-signature"), nil, polar.ErrWebhookMalformed, "missing or damaged"},
			"a broken timestamp":       {hook("evt", "1.5", "v1,x", hookBody), nil, polar.ErrWebhookMalformed, "missing or damaged"},
			"no JSON":                  {hook("evt", now(0), signature(hookSecret, "evt", now(0), "hello"), "hello"), nil, polar.ErrWebhookMalformed, "invalid character"},
			"too large":                {hook("evt", now(0), signature(hookSecret, "evt", now(0), large), large), nil, polar.ErrWebhookMalformed, "larger than 1048576 bytes"},
			"no secret":                {good(0, hookSecret), []polar.WebhookSecret{}, nil, "no secret was given"},
			"an empty secret":          {good(0, hookSecret), []polar.WebhookSecret{""}, nil, "secret 0 is empty"},
			"an empty whsec_":          {good(0, hookSecret), []polar.WebhookSecret{hookSecret, "whsec_"}, nil, "secret 1 is empty"},
		} {
			if test.secrets == nil {
				test.secrets = []polar.WebhookSecret{hookSecret}
			}
			event, err := polar.ParseWebhook(test.request, test.secrets...)
			if test.is == nil && test.text == "" {
				if err != nil || event.ID != "evt" || event.Type != "unheard.of" || string(event.Payload) != hookBody || event.Session != nil || event.LoginFailed != nil {
					t.Errorf("%s: %+v, %v", name, event, err)
				}
				continue
			}
			if err == nil || event != nil || !strings.HasPrefix(err.Error(), "polar: parse webhook: ") {
				t.Errorf("%s: %v, %v", name, event, err)
				continue
			}
			wantText(t, shown(err), []string{test.text}, []string{"hunter2", string(hookSecret), "\n\n"})
			for _, kind := range []error{polar.ErrWebhookMalformed, polar.ErrWebhookTimestamp, polar.ErrWebhookSignature} {
				if errors.Is(err, kind) != (kind == test.is) {
					t.Errorf("%s: %v, wanted %v", name, err, test.is)
				}
			}
		}
	})
}

// The events of today are told apart, and a signed one that is not what its type says is no webhook.
func TestParseWebhookTypes(t *testing.T) {
	session := `{"type":"%s","timestamp":"2026-10-01T12:00:00Z","data":` + string(golden(t, "CustomerSessionInfo")) + `}`
	login := `{"type":"login.failed","timestamp":"2026-10-01T12:00:00Z","data":` + string(golden(t, "WebhookLoginFailedData")) + `}`
	parse := func(body string) (*polar.Webhook, error) {
		return polar.ParseWebhook(hook("evt", now(0), signature(hookSecret, "evt", now(0), body), body), hookSecret)
	}
	for _, kind := range []string{polar.EventSessionCreated, polar.EventSessionFirstUsed, polar.EventSessionRevoked, polar.EventSessionExpired} {
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

func TestWebhookReceiver(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	receiver := polar.WebhookReceiver{Secrets: []polar.WebhookSecret{hookSecret}, Tolerance: time.Minute, Now: func() time.Time { return at }}
	for d, want := range map[time.Duration]error{time.Minute: nil, time.Minute + time.Second: polar.ErrWebhookTimestamp} {
		stamp := fmt.Sprint(at.Add(-d).Unix())
		if _, err := receiver.Parse(hook("evt", stamp, signature(hookSecret, "evt", stamp, hookBody), hookBody)); !errors.Is(err, want) {
			t.Errorf("%v: %v", d, err)
		}
	}
	receiver.Tolerance = -1
	if _, err := receiver.Parse(hook("evt", "1", "v1,x", hookBody)); err == nil || !strings.Contains(err.Error(), "Tolerance") {
		t.Error(err)
	}
	broken := hook("evt", now(0), "v1,x", "")
	broken.Body = io.NopCloser(failing{})
	if _, err := polar.ParseWebhook(broken, hookSecret); !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, polar.ErrWebhookMalformed) {
		t.Error(err)
	}
	broken.Body = nil
	if _, err := polar.ParseWebhook(broken, hookSecret); !errors.Is(err, polar.ErrWebhookMalformed) {
		t.Error(err)
	}
}

// FuzzParseWebhook: what nobody has signed is never an event, and what was signed is one, or malformed.
func FuzzParseWebhook(f *testing.F) {
	f.Add("evt", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1a,x", []byte(hookBody))
	f.Add("", "", []byte(`{"type":"session.created","data":{"id":"x"}}`))
	f.Fuzz(func(t *testing.T, id, forged string, body []byte) {
		stamp := now(0)
		r := hook(id, stamp, forged, string(body))
		r.Header["Webhook-Id"] = []string{id}
		if event, err := polar.ParseWebhook(r, hookSecret); event != nil || err == nil {
			t.Fatalf("%+v was signed by nobody", event)
		}
		right := signature(hookSecret, id, stamp, string(body))
		r = hook(id, stamp, forged+" "+right, string(body))
		r.Header["Webhook-Id"] = []string{id}
		event, err := polar.ParseWebhook(r, hookSecret)
		if err != nil && !errors.Is(err, polar.ErrWebhookMalformed) || err == nil && (event.ID != id || event.Type == "" || !bytes.Equal(event.Payload, body)) {
			t.Errorf("%+v, %v", event, err)
		}
	})
}
