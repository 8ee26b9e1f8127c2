package polar_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// newReplayClient returns a client that always gets the same response.
func newReplayClient(t *testing.T, resp *http.Response) *polar.Client {
	client, err := polar.New(polar.WithoutRetries(), withTransport(func(*http.Request) (*http.Response, error) { return resp, nil }))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// FuzzError checks that every response with status 400 or above is an *Error with that status, with bounded size, in
// one line, and without the token.
func FuzzError(f *testing.F) {
	for _, d := range errorResponses {
		contentType, challenge := "", ""
		for _, h := range d.headers {
			name, value, _ := strings.Cut(h, ": ")
			switch name {
			case "Content-Type":
				contentType = value
			case "WWW-Authenticate":
				challenge = value
			}
		}
		f.Add(d.status, contentType, challenge, "60", d.body)
	}
	f.Add(500, "text/plain", "", "Wed, 21 Oct 2026 07:28:00 GMT", "you sent "+liveToken)
	f.Fuzz(func(t *testing.T, status int, contentType, challenge, retryAfter, body string) {
		if status < 400 || status > 999 {
			status = 400
		}
		resp := newResponse(status, body)
		resp.Header = http.Header{"Content-Type": {contentType}, "Www-Authenticate": {challenge}, "Retry-After": {retryAfter}}
		_, err := introspect(t, newReplayClient(t, resp))
		var apiErr *polar.Error
		if !errors.As(err, &apiErr) || apiErr.StatusCode != status {
			t.Fatalf("%T %v", err, err)
		}
		if apiErr.RetryAfter < 0 || len(apiErr.Body) > 4096 {
			t.Errorf("RetryAfter %v, %d bytes of body", apiErr.RetryAfter, len(apiErr.Body))
		}
		if text := err.Error(); strings.ContainsAny(text, "\r\n\x00\x1b") || len(text) > 1500 {
			t.Errorf("%d bytes: %q", len(text), text)
		}
		wantText(t, formatted(*apiErr), nil, []string{liveToken})
	})
}

// FuzzIntrospect checks that every response with status 200 is either a DecodeError or a session that the body
// contains.
func FuzzIntrospect(f *testing.F) {
	for _, body := range []string{
		liveBody, `{"expires_at":"2026-08-22T09:30:15Z","return_url":null}`, `{"expires_at":"2026-08-22T09:30:15.120000+00:00"}`,
		`{"expires_at":null}`, `{"expires_at":"2026-08-22T24:30:15Z"}`, `{"expires_at":"0001-01-01T00:00:00Z"}`, `[]`, `<html>`, ``,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		session, err := introspect(t, newReplayClient(t, newResponse(200, body, asJSON)))
		var mismatch *polar.DecodeError
		if err != nil {
			if session != nil || !errors.As(err, &mismatch) || len(mismatch.Body) > 4096 || strings.ContainsAny(err.Error(), "\r\n\x00\x1b") {
				t.Fatalf("%v, %T %v", session, err, err)
			}
			return
		}
		if !json.Valid([]byte(body)) || session.ExpiresAt.IsZero() || session.ExpiresAt.Location() != time.UTC {
			t.Errorf("%+v of %q", session, body)
		}
	})
}

// FuzzDatetime checks that both forms of a datetime are decoded exactly to the microsecond.
func FuzzDatetime(f *testing.F) {
	f.Add(int64(1787391015), uint32(120_000), true)
	f.Add(int64(1787391015), uint32(0), false)
	f.Add(int64(0), uint32(1), true)
	f.Fuzz(func(t *testing.T, seconds int64, micros uint32, zulu bool) {
		const years = 9000 * 365 * 86400
		want := time.Unix(seconds%years, int64(micros%1_000_000)*1000).UTC()
		if want.Year() < 1 || want.IsZero() {
			t.Skip()
		}
		layout, zone := "2006-01-02T15:04:05", "+00:00"
		if want.Nanosecond() != 0 {
			layout = "2006-01-02T15:04:05.000000"
		}
		if zulu {
			zone = "Z"
		}
		session, err := introspect(t, newReplayClient(t, newResponse(200, `{"expires_at":"`+want.Format(layout)+zone+`"}`, asJSON)))
		if err != nil || !session.ExpiresAt.Equal(want) {
			t.Errorf("%v, %v, want %v", session, err, want)
		}
	})
}

// FuzzRevocations checks that every stream ends with one error, and that event IDs come from the stream.
func FuzzRevocations(f *testing.F) {
	for _, text := range []string{streamStart + streamRevocation + streamHeartbeat, "id: 1\r\n\r\n", "data\n\n", "id:\x00\n: \n\n", streamRevocation[:60], "event:customer_session.revoked\ndata:null\n\n", "\n\n\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var closed bool
		client := newStreamClient(t, string(text), func(*http.Request) io.Reader { return strings.NewReader("") }, &closed)
		steps, err := readStream(t, t.Context(), client, func(e polar.RevocationEvent) {
			if strings.ContainsAny(e.ID, "\n\x00") || !bytes.Contains(text, []byte(e.ID)) {
				t.Errorf("the stream has no ID %q", e.ID)
			}
		})
		if err == nil || !closed || steps > bytes.Count(text, []byte("\n")) {
			t.Errorf("%d events, %v, closed: %v", steps, err, closed)
		}
	})
}

// FuzzForwardAuth checks that percent-encoded headers are decoded to their original value, and that anything else is a
// DecodeError or a complete result.
func FuzzForwardAuth(f *testing.F) {
	f.Add("o", "c", "ada@example.com", "owner", "customer_portal:read customer_portal:write", "2026-10-01T12:00:00.12Z")
	f.Add("o", "c", "-", "-", "customer_portal:read", "2026-10-01T12:00:00.12Z")
	f.Add("", "%zz", "ü%0Aname@example.com", "", "", "tomorrow")
	f.Fuzz(func(t *testing.T, org, customer, email, role, scopes, expires string) {
		ask := func(escape func(string) string) (*polar.ForwardAuth, error) {
			resp := newResponse(200, "")
			member, principal := "m", "member"
			if role == "-" {
				member, principal = "-", "customer"
			}
			for name, value := range map[string]string{
				"Principal": principal, "Organization-Id": org, "Customer-Id": customer, "Member-Id": member, "Email": email, "Role": role,
				"Scopes": scopes, "Expires-At": expires,
			} {
				resp.Header["X-Postern-"+name] = []string{escape(value)}
			}
			return newReplayClient(t, resp).CustomerPortal.ForwardAuth(t.Context(), liveSecurity, polar.ForwardAuthParams{})
		}
		_, wrong := time.Parse(time.RFC3339Nano, expires)
		complete := org != "" && customer != "" && email != "" && role != "" && len(strings.Fields(scopes)) > 0 && wrong == nil
		v, err := ask(url.PathEscape)
		if complete != (err == nil) || err != nil && !isMismatch(err) {
			t.Fatalf("error %v, but complete is %v", err, complete)
		}
		if err == nil && (string(v.OrganizationID) != org || string(v.CustomerID) != customer || email != "-" && v.Email != email || role != "-" && string(v.Role) != role || len(v.Scopes) != len(strings.Fields(scopes))) {
			t.Errorf("%+v", v)
		}
		v, err = ask(func(s string) string { return s })
		if err != nil && !isMismatch(err) || err == nil && (v.OrganizationID == "" || v.CustomerID == "" || len(v.Scopes) == 0 || v.ExpiresAt.Location() != time.UTC) {
			t.Errorf("%+v, %v", v, err)
		}
	})
}
