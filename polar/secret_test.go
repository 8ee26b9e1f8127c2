package polar_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// allOutputs returns a value as fmt, slog and, if jsonToo is set, encoding/json print it.
func allOutputs(t *testing.T, v any, jsonToo bool) string {
	t.Helper()
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	if jsonToo {
		if err := json.NewEncoder(&b).Encode(v); err != nil {
			fmt.Fprintln(&b, err)
		}
	}
	return formatted(v) + b.String()
}

func TestSecretsAreNotPrinted(t *testing.T) {
	const secret = "polar_cst_SECRET"
	security := polar.SessionSecurity{CustomerSession: secret, MemberSession: secret}
	made := polar.CustomerSession{ID: "the-id", Token: secret, CustomerPortalURL: "https://x/?customer_session_token=" + secret}
	type outer struct {
		Security polar.SessionSecurity
		Made     *polar.CustomerSession `json:"-"`
	}
	client, err := polar.New(polar.WithHeader("X-Api-Key", "SECRET"))
	if err != nil {
		t.Fatal(err)
	}
	core, err := polar.NewCore(polar.WithHeader("X-Api-Key", "SECRET"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{security, &security, outer{security, &made}, []any{security}, client, *client, core, *core} {
		wantText(t, allOutputs(t, v, true), nil, []string{"SECRET", fmt.Sprintf("%x", "SECRET"), fmt.Sprintf("%d", []byte("SECRET"))})
	}
	for _, v := range []any{made, &made} { // the JSON encoding contains the token
		wantText(t, allOutputs(t, v, false), []string{"the-id"}, []string{"SECRET", fmt.Sprintf("%x", "SECRET")})
	}
}

// leakyError is an error of a transport that contains the request headers.
type leakyError struct{ Header http.Header }

func (l leakyError) Error() string { return fmt.Sprintf("bad request: %v", l.Header) }

func TestErrorsHoldNoSecrets(t *testing.T) {
	const key = "hunter2hunter2"
	echo := func(status int, contentType, format string) roundTrip {
		return func(r *http.Request) (*http.Response, error) {
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			return newResponse(status, strings.NewReplacer("TOKEN", token, "KEY", r.Header.Get("X-Api-Key")).Replace(format),
				"Content-Type: "+contentType, `WWW-Authenticate: Bearer scope="`+token+`"`), nil
		}
	}
	escaped := strings.ReplaceAll(liveToken, "a", `\u0061`)
	other := "polar_oat_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2sN54l"
	for name, transport := range map[string]roundTrip{
		"validation": echo(422, "application/json",
			`{"error":"TOKEN","detail":[{"type":"TOKEN","loc":["header","TOKEN"],"msg":"no TOKEN, KEY","input":"TOKEN"}]}`),
		"escaped":                  echo(401, "application/json", `{"error":"`+escaped+`","detail":"`+escaped+`"}`),
		"text":                     echo(500, "text/plain", "crashed with Bearer TOKEN and KEY and "+other),
		"cut off":                  echo(500, "text/plain", strings.Repeat("x", 64<<10-20)+"TOKEN"),
		"cut off after redaction":  echo(500, "text/plain", strings.Repeat("TOKEN", 3000)),
		"half of the token":        echo(500, "text/plain", "crashed with "+liveToken[:30]),
		"HTML":                     echo(200, "text/html", "<p>TOKEN KEY"),
		"content type":             echo(200, "text/html; x="+liveToken, "TOKEN"),
		"an invalid date":          echo(200, "application/json", `{"expires_at":"TOKEN"}`),
		"another token":            echo(200, "application/json", `{"token":"`+other+`"`),
		"transport":                func(r *http.Request) (*http.Response, error) { return nil, leakyError{r.Header} },
		"transport with a timeout": func(r *http.Request) (*http.Response, error) { return nil, &leakyTimeout{leakyError{r.Header}} },
		"transport with a wrapped error": func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("proxy: %w", leakyError{r.Header})
		},
		"transport with a failing body": func(r *http.Request) (*http.Response, error) {
			resp := newResponse(200, "", asJSON)
			resp.Body, resp.ContentLength = io.NopCloser(leakyReader{r.Header}), -1
			return resp, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := polar.New(polar.WithoutRetries(), withTransport(transport), polar.WithHeader("X-Api-Key", key))
			if err != nil {
				t.Fatal(err)
			}
			_, err = introspect(t, client)
			if err == nil {
				t.Fatal("no error")
			}
			hidden := []string{liveToken, liveToken[:30], key, other}
			for _, s := range hidden {
				hidden = append(hidden, fmt.Sprintf("%x", s))
			}
			wantText(t, allOutputs(t, err, true), nil, hidden)
			var apiErr *polar.Error
			if errors.As(err, &apiErr) {
				wantText(t, allOutputs(t, *apiErr, true)+apiErr.Body, nil, hidden)
			}
			var mismatch *polar.DecodeError
			if errors.As(err, &mismatch) {
				wantText(t, mismatch.Body+mismatch.ContentType, nil, hidden)
			}
		})
	}
}

type leakyTimeout struct{ leakyError }

func (*leakyTimeout) Timeout() bool { return true }

type leakyReader struct{ header http.Header }

func (l leakyReader) Read([]byte) (int, error) { return 0, leakyError{l.header} }

func TestErrorsHoldNoSecretsOfEditorsAndContexts(t *testing.T) {
	for name, ask := range map[string]func(client *polar.Client) error{
		"editor": func(client *polar.Client) error {
			_, err := introspect(t, client, polar.WithRequestEditor(func(r *http.Request) error { return leakyError{r.Header} }))
			return err
		},
		"edited": func(client *polar.Client) error {
			_, err := introspect(t, client, polar.WithRequestEditor(func(r *http.Request) error {
				r.Header.Set("X-Signature", liveToken)
				r.URL.RawQuery = "token=" + liveToken
				return nil
			}))
			return err
		},
		"context": func(client *polar.Client) error {
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(errors.New("ended " + liveToken))
			_, err := client.CustomerPortal.CustomerSession.Introspect(ctx, liveSecurity)
			return err
		},
		"deadline": func(client *polar.Client) error {
			ctx, cancel := context.WithDeadlineCause(t.Context(), time.Now(), errors.New("late "+liveToken))
			defer cancel()
			_, err := client.CustomerPortal.CustomerSession.Introspect(ctx, liveSecurity)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := polar.New(polar.WithoutRetries(), withTransport(func(r *http.Request) (*http.Response, error) { return nil, leakyError{r.Header} }))
			if err != nil {
				t.Fatal(err)
			}
			err = ask(client)
			if err == nil {
				t.Fatal("no error")
			}
			wantText(t, allOutputs(t, err, true), nil, []string{liveToken, fmt.Sprintf("%x", liveToken)})
		})
	}
}

// Secrets in the body or query of a request are not printed, in whatever form a server or transport repeats them.
func TestErrorsHoldNoSecretsOfRequests(t *testing.T) {
	const code, token, odd = "A1B2C3", "polar_cev_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", `an odd "text" &+ü`
	ctx := t.Context()
	for name, test := range map[string]struct {
		secret string
		ask    func(c *polar.Client) error
	}{
		"login code": {code, func(c *polar.Client) error {
			return errorOf(c.CustomerPortal.CustomerSession.Authenticate(ctx, polar.CustomerSessionCodeAuthenticate{Code: code}))
		}},
		"email token, checked":   {token, func(c *polar.Client) error { return c.CustomerPortal.Customers.CheckEmailUpdate(ctx, token) }},
		"odd token, checked":     {odd, func(c *polar.Client) error { return c.CustomerPortal.Customers.CheckEmailUpdate(ctx, odd) }},
		"email token, used":      {token, func(c *polar.Client) error { return errorOf(c.CustomerPortal.Customers.VerifyEmailUpdate(ctx, token)) }},
		"inspected token":        {liveToken, func(c *polar.Client) error { return errorOf(c.CustomerSessions.Inspect(ctx, liveToken)) }},
		"inspected text":         {odd, func(c *polar.Client) error { return errorOf(c.CustomerSessions.Inspect(ctx, odd)) }},
		"introspected token":     {odd, func(c *polar.Client) error { return errorOf(c.OAuth2.Introspect(ctx, odd)) }},
		"revoked token":          {odd, func(c *polar.Client) error { return c.OAuth2.Revoke(ctx, odd) }},
		"access token":           {"polar_oat_hunter2hunter2", func(c *polar.Client) error { return errorOf(c.Organizations.Get(ctx, "x")) }},
		"access token of a list": {"polar_oat_hunter2hunter2", func(c *polar.Client) error { return errorOf(c.Members.ListPage(ctx, polar.MemberListParams{})) }},
		"access token of a stream": {"polar_oat_hunter2hunter2", func(c *polar.Client) (last error) {
			for _, last = range c.CustomerSessions.Revocations(ctx, "") {
			}
			return last
		}},
		"session of a proxy": {liveToken, func(c *polar.Client) error {
			return errorOf(c.CustomerPortal.ForwardAuth(ctx, liveSecurity, polar.ForwardAuthParams{}))
		}},
	} {
		hidden := []string{test.secret, url.QueryEscape(test.secret), strings.Trim(fmt.Sprintf("%q", test.secret), `"`), fmt.Sprintf("%x", test.secret)}
		// everything returns all parts of the request, and the secret as the server decodes it.
		everything := func(r *http.Request) string {
			body := []byte{}
			if r.Body != nil {
				body, _ = io.ReadAll(r.Body)
			}
			return fmt.Sprint(r.URL, " ", r.Header, " ", string(body), " ", test.secret)
		}
		quoted := func(r *http.Request) string {
			b, err := json.Marshal(everything(r))
			if err != nil {
				t.Error(err)
			}
			return string(b)
		}
		for how, transport := range map[string]roundTrip{
			"text": func(r *http.Request) (*http.Response, error) {
				return newResponse(500, everything(r), "Content-Type: text/plain"), nil
			},
			"page": func(r *http.Request) (*http.Response, error) {
				return newResponse(200, everything(r), "Content-Type: text/html"), nil
			},
			"JSON": func(r *http.Request) (*http.Response, error) {
				return newResponse(401, `{"error":"x","detail":`+quoted(r)+`}`, asJSON), nil
			},
			"a 409": func(r *http.Request) (*http.Response, error) {
				all := quoted(r)
				return newResponse(409, `{"error":"customer_selection_required","customers":[{"id":`+all+`,"name":`+all+`}]}`, asJSON), nil
			},
			"a 422": func(r *http.Request) (*http.Response, error) {
				all := quoted(r)
				return newResponse(422, `{"error":"x","detail":[{"type":`+all+`,"loc":["body",`+all+`],"msg":`+all+`,"input":`+all+`}]}`, asJSON), nil
			},
			"transport": func(r *http.Request) (*http.Response, error) { return nil, errors.New(everything(r)) },
			"redirect": func(r *http.Request) (*http.Response, error) {
				return newResponse(307, "", "Location: https://"+url.QueryEscape(test.secret)+".example.com/"), nil
			},
		} {
			client := must[*polar.Client](t)(polar.New(polar.WithoutRetries(), withTransport(transport), polar.WithAccessToken("polar_oat_hunter2hunter2")))
			err := test.ask(client)
			if err == nil {
				t.Errorf("%s, %s: no error", name, how)
				continue
			}
			all := allOutputs(t, err, true)
			if apiErr, ok := errors.AsType[*polar.Error](err); ok {
				all += allOutputs(t, *apiErr, true) + apiErr.Body
				for _, c := range apiErr.Customers {
					all += string(c.ID) + *c.Name
				}
			}
			if mismatch, ok := errors.AsType[*polar.DecodeError](err); ok {
				all += allOutputs(t, *mismatch, true) + mismatch.Body + mismatch.ContentType
			}
			for _, secret := range hidden {
				if strings.Contains(all, secret) {
					t.Errorf("%s, %s: %q is in\n%s", name, how, secret, all)
				}
			}
		}
	}
}

// Every type that holds a secret prints without it.
func TestTypesWithSecretsDoNotPrintThem(t *testing.T) {
	secret := polar.WebhookSecret("whsec_SECRET")
	client := must[*polar.Client](t)(polar.New(polar.WithAccessToken("polar_oat_SECRET")))
	core := must[*polar.Core](t)(polar.NewCore(polar.WithAccessToken("polar_oat_SECRET")))
	endpoint := polar.WebhookEndpoint{ID: "x", Secret: secret}
	receiver := polar.WebhookReceiver{Secrets: []polar.WebhookSecret{secret}}
	made := polar.OrganizationAccessTokenCreated{Token: "polar_oat_SECRET"}
	code := polar.CustomerSessionCodeAuthenticate{Code: "SECRET"}
	proof := polar.CustomerSessionProofConfirm{Code: "SECRET"}
	ticket := polar.CustomerSessionRedeem{Ticket: "SECRET", Verifier: "SECRET"}
	for _, v := range []any{
		client, *client, core, client.Customers, &client.Customers, client.CustomerPortal, secret, &secret, endpoint, &endpoint, receiver, &receiver,
		made, &made, code, &code, proof, &proof, ticket, &ticket, polar.SessionToken{Token: "polar_mst_SECRET"}, &polar.SessionToken{Token: "polar_mst_SECRET"},
	} {
		wantText(t, allOutputs(t, v, false), nil, []string{"SECRET", fmt.Sprintf("%x", "SECRET"), fmt.Sprintf("%d", []byte("SECRET"))})
	}
}
