package wiretest_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/polar"
)

var requestID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Every answer of every part of the server has a request id of its own, and the line of the request in the log has the same one.
func TestEveryAnswerHasARequestID(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("login=1/h"), func(o *testserver.Options) { o.Admin = true })
	session := srv.CustomerSession(srv.Ada())
	code := `{"code":"K7WQ2MXH"}`
	authenticate := "/v1/customer-portal/customer-session/authenticate"
	seen := map[string]string{}
	check := func(name string, status, want int, header http.Header) {
		t.Helper()
		id := header.Get("X-Request-Id")
		if status != want || len(header["X-Request-Id"]) != 1 || !requestID.MatchString(id) || seen[id] != "" {
			t.Errorf("%s: %d with the ids %q, want %d with a new id", name, status, header["X-Request-Id"], want)
		}
		seen[id] = name
	}
	for _, tt := range []struct {
		name, token, method, path, body string
		headers                         []string
		status                          int
	}{
		{"a success", session.Token, "GET", introspect, "", nil, 200},
		{"created", srv.Token, "POST", customers, `{"email":"bob@example.com"}`, nil, 201},
		{"an empty answer", srv.Token, "DELETE", customers + srv.CreateCustomer(`"email":"eve@example.com"`), "", nil, 204},
		{"a redirect", srv.Token, "GET", "/v1/customers", "", nil, 307},
		{"no path", "", "GET", "/v1/nowhere", "", nil, 404},
		{"no path outside of the API", "", "GET", "/nowhere", "", nil, 404},
		{"no such version", "", "GET", introspect, "", []string{"Polar-Version", "x"}, 404},
		{"a wrong method", "", "PUT", introspect, "", nil, 405},
		{"no token", "", "GET", introspect, "", nil, 401},
		{"an invalid token", "x", "GET", introspect, "", nil, 401},
		{"a missing scope", session.Token, "GET", customers, "", nil, 401},
		{"an unknown object", srv.Token, "GET", customers + unknownID, "", nil, 404},
		{"an invalid body", srv.Token, "POST", customers, `{}`, nil, 422},
		{"a body that is too long", srv.Token, "POST", customers, strings.Repeat(" ", 2<<20), nil, 413},
		{"a preflight", "", "OPTIONS", introspect, "", []string{"Origin", "https://example.com", "Access-Control-Request-Method", "GET"}, 200},
		{"a refused preflight", "", "OPTIONS", introspect, "", []string{"Origin", "https://example.com", "Access-Control-Request-Method", "X"}, 400},
		{"a wrong code", "", "POST", authenticate, code, nil, 401},
		{"a rate limit", "", "POST", authenticate, code, nil, 429},
		{"the health", "", "GET", "/healthz", "", nil, 200},
		{"the document", "", "GET", "/openapi.json", "", nil, 200},
		{"the document's page", "", "GET", "/docs", "", nil, 200},
		{"a page of the portal", "", "GET", "/acme/portal/request", "", nil, 200},
		{"a file of the portal", "", "GET", "/acme/portal/nowhere.css", "", nil, 404},
		{"a portal page that redirects", "", "GET", "/acme/portal/", "", nil, 303},
		{"an admin page", "", "GET", "/admin/sign-in", "", nil, 200},
		{"an admin page that redirects", "", "GET", "/admin/", "", nil, 303},
		{"an id that the client sends", session.Token, "GET", introspect, "", []string{"X-Request-Id", "forged"}, 200},
	} {
		headers := tt.headers
		if tt.token != "" {
			headers = append(headers, "Authorization", "Bearer "+tt.token)
		}
		a := srv.Send(tt.method, tt.path, tt.body, headers...)
		check(tt.name, a.Status, tt.status, a.Header)
	}

	srv.Restart(func() { // every request has ended, so its line is there
		for id, name := range seen {
			if !strings.Contains(srv.Log.String(), "request_id="+id) {
				t.Errorf("%s: the log has no line with the id %s", name, id)
			}
		}
	})

	for path, want := range map[string]int{"/metrics": 200, "/healthz": 200, "/nowhere": 404} {
		w := httptest.NewRecorder()
		srv.Postern.OperatorHandler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want || !requestID.MatchString(w.Header().Get("X-Request-Id")) {
			t.Errorf("%s for operators: %d %v", path, w.Code, w.Header())
		}
	}
}

// A stream has its request id from the beginning.
func TestStreamHasARequestID(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+sessions+"revocations", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+srv.Token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if id := response.Header.Get("X-Request-Id"); response.StatusCode != 200 || !requestID.MatchString(id) {
		t.Errorf("%d with the id %q", response.StatusCode, id)
	}
}

// The id of a trusted proxy is in the answer, in the log and in the client's errors.
func TestRequestIDOfAProxy(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, func(o *testserver.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	})
	const id = "8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a"
	c, err := polar.New(polar.WithAccessToken(srv.Token), polar.WithServerURL(srv.URL), polar.WithHTTPClient(&http.Client{Transport: proxy(id)}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Customers.Get(t.Context(), polar.CustomerID(unknownID))
	failure, ok := err.(*polar.Error)
	if !ok || failure.RequestID != id {
		t.Errorf("the error is %#v", err)
	}
	srv.Restart(func() {
		if !strings.Contains(srv.Log.String(), "request_id="+id) {
			t.Errorf("the log has no line with the id:\n%s", srv.Log)
		}
	})
}

// proxy is a RoundTripper that adds a request id.
type proxy string

func (p proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Request-Id", string(p))
	return http.DefaultTransport.RoundTrip(r)
}
