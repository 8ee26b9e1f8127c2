package polar_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
)

var discardLogger = log.New(io.Discard, "", 0)

func redirect(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", strings.ReplaceAll(to, "SELF", "http://"+r.Host))
		w.WriteHeader(status)
	}
}

func TestRedirectsOnTheSameOriginAreFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"/there?a=1", "SELF/there", "there"} {
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/there") {
					redirect(status, to)(w, r)
					return
				}
				if r.Header.Get("Authorization") != "Bearer "+liveToken {
					t.Error("the token is missing")
				}
				respond(200, liveBody, asJSON)(w, r)
			})
			if _, err := introspect(t, client); err != nil {
				t.Errorf("%d to %s: %v", status, to, err)
			}
		}
	}
}

func TestCrossOriginRedirectsAreRefused(t *testing.T) {
	evil := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another server got a request: %v", r.Header)
	}))
	defer evil.Close()
	evilPort := strings.TrimPrefix(evil.URL, "http://127.0.0.1")
	callersClient := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
	for name, to := range map[string]string{
		"another port":          evil.URL + livePath,
		"another host name":     "http://localhost" + evilPort + livePath,
		"from http to https":    "https://127.0.0.1" + evilPort,
		"without scheme":        "//localhost" + evilPort,
		"a user name":           "http://user:pass@SELF",
		"another scheme":        "ftp://127.0.0.1/",
		"a file":                "file:///etc/passwd",
		"the token in the path": evil.URL + "/" + liveToken,
		"the token in the host": "http://" + liveToken + ".example.com/",
	} {
		for who, opts := range map[string][]polar.Option{"default client": nil, "client of the caller": {polar.WithHTTPClient(callersClient)}} {
			t.Run(name+", "+who, func(t *testing.T) {
				calls := 0
				opts := append(opts, polar.WithRetries(polar.RetryConfig{}))
				client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
					calls++
					redirect(307, strings.Replace(to, "@SELF", "@"+r.Host, 1))(w, r)
				}, opts...)
				_, err := introspect(t, client)
				var refused *polar.RedirectError
				if !errors.As(err, &refused) || calls != 1 {
					t.Fatalf("%T %v, %d calls", err, err, calls)
				}
				wantText(t, formatted(err), []string{"introspect customer session: refused a redirect to ", "WithServerURL"},
					[]string{liveToken, "user:pass"})
			})
		}
	}
}

func TestRedirectToPlainHTTPIsRefused(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the token was sent over plain http") }))
	defer plain.Close()
	secure := httptest.NewTLSServer(redirect(307, plain.URL))
	defer secure.Close()
	_, err := introspect(t, newClientForURL(t, secure.URL, polar.WithHTTPClient(secure.Client())))
	var refused *polar.RedirectError
	if !errors.As(err, &refused) || refused.To != plain.URL {
		t.Fatalf("%T %v", err, err)
	}
}

func TestRedirectLoopIsRefused(t *testing.T) {
	calls := 0
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) { calls++; redirect(302, "/again")(w, r) })
	_, err := introspect(t, client)
	var refused *polar.RedirectError
	if !errors.As(err, &refused) || calls != 10 {
		t.Fatalf("%T %v after %d calls", err, err, calls)
	}
}

func TestCallersCheckRedirectIsRespected(t *testing.T) {
	forbidden := errors.New("redirects are forbidden")
	for name, test := range map[string]struct {
		answer error
		check  func(error) bool
	}{
		"forbids": {forbidden, func(err error) bool { return errors.Is(err, forbidden) && errors.As(err, new(*polar.RedirectError)) }},
		"allows":  {nil, func(err error) bool { return err == nil }},
		"asks for the response": {http.ErrUseLastResponse, func(err error) bool {
			var mismatch *polar.DecodeError
			return errors.As(err, &mismatch) && mismatch.StatusCode == 307
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []*url.URL
			callersClient := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
				asked = append(asked, r.URL)
				return test.answer
			}}
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/there" {
					respond(200, liveBody, asJSON)(w, r)
					return
				}
				redirect(307, "/there")(w, r)
			}, polar.WithHTTPClient(callersClient))
			if _, err := introspect(t, client); !test.check(err) || len(asked) != 1 {
				t.Errorf("%T %v, CheckRedirect called %d times", err, err, len(asked))
			}
		})
	}
}
