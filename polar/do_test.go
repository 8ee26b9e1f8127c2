package polar_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func TestDo(t *testing.T) {
	srv := polartest.New(t)
	client := srv.Client()
	var made struct{ ID, Email string }
	in := map[string]any{"type": "individual", "email": "raw@example.com"}
	if err := client.Do(t.Context(), http.MethodPost, "/v1/customers/", in, &made); err != nil || made.Email != "raw@example.com" {
		t.Fatalf("%+v, %v", made, err)
	}
	var list polar.List[polar.Customer]
	if err := client.Do(t.Context(), http.MethodGet, "/v1/customers/?limit=1&email=raw%40example.com", nil, &list); err != nil || len(list.Items) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	session := srv.Session(polar.CustomerSessionCreate{Customer: polar.CustomerID(made.ID)})
	var own polar.CustomerPortalCustomer
	err := client.Do(t.Context(), http.MethodGet, "/v1/customer-portal/customers/me", nil, &own, polar.WithSession(polar.SecurityFor(session.Token)))
	if err != nil || string(own.ID) != made.ID {
		t.Errorf("%v, %v", own, err)
	}
	if err := client.Do(t.Context(), http.MethodDelete, "/v1/customers/"+made.ID, nil, nil); err != nil {
		t.Error(err)
	}
	err = client.Do(t.Context(), http.MethodGet, "/v1/customers/"+made.ID+"?secret=1", nil, &made)
	if !errors.Is(err, polar.ErrNotFound) {
		t.Errorf("%v", err)
	}
	wantText(t, err.Error(), []string{"polar: GET /v1/customers/" + made.ID + ": 404"}, []string{"secret"})
}

// Do refuses arguments that cannot work, and sends nothing.
func TestDoRefuses(t *testing.T) {
	client := must[*polar.Client](t)(polar.New(polar.WithoutRetries(), polar.WithAccessToken("polar_oat_x"), withTransport(func(r *http.Request) (*http.Response, error) {
		t.Errorf("sent %s %s", r.Method, r.URL)
		return nil, io.EOF
	})))
	var nowhere *int
	for _, test := range []struct {
		method, path string
		in, out      any
		want         string
	}{
		{"GET", "https://example.com/v1/", nil, nil, "absolute URL"},
		{"GET", "//example.com/v1/", nil, nil, "absolute URL"},
		{"GET", "///example.com/v1/", nil, nil, "absolute URL"},
		{"GET", "mailto:a", nil, nil, "absolute URL"},
		{"GET", "v1/customers/", nil, nil, "must start with a slash"},
		{"GET", "", nil, nil, "must start with a slash"},
		{"GET", "/v1/../../admin", nil, nil, "segment"},
		{"GET", "/v1/%2e%2E/admin", nil, nil, "segment"},
		{"GET", "/v1/..%2fadmin", nil, nil, "segment"},
		{"GET", `/v1/..\admin`, nil, nil, "segment"},
		{"GET", "/v1/..%5cadmin", nil, nil, "segment"},
		{"GET", "/v1/.", nil, nil, "segment"},
		{"GET", "/v1/#a", nil, nil, "fragment"},
		{"GET", "/v1/%zz", nil, nil, "not valid"},
		{"GET", "/v1/a\nb", nil, nil, "not valid"},
		{"GET", "/v1/?a=%zz", nil, nil, "query"},
		{"GET", "/v1/", 1, nil, "no body"},
		{"get", "/v1/", nil, nil, "method"},
		{"CONNECT", "/v1/", nil, nil, "method"},
		{"POST", "/v1/", func() {}, nil, "unsupported"},
		{"GET", "/v1/", nil, 1, "pointer"},
		{"GET", "/v1/", nil, nowhere, "pointer"},
	} {
		err := client.Do(t.Context(), test.method, test.path, test.in, test.out)
		if err == nil {
			t.Errorf("%s %q: no error", test.method, test.path)
			continue
		}
		wantText(t, err.Error(), []string{"polar: ", test.want}, nil)
	}
}

// Do accepts every status of success, keeps the path on the server, and has the errors of other calls.
func TestDoAnswers(t *testing.T) {
	for _, test := range []struct {
		status   int
		body, ct string
		discard  bool
		wrong    string
	}{
		{200, `{"a":1}`, asJSON, false, ""},
		{202, `null`, asJSON, false, ""},
		{204, ``, "X: y", true, ""},
		{204, ``, "X: y", false, "expected 200 to 299 application/json"},
		{200, `<p>`, "Content-Type: text/html", true, "expected 200 to 299 without content"},
		{200, `{`, asJSON, false, "unexpected end"},
		{302, ``, "X: y", true, "302"},
		{409, `{"error":"x","detail":"taken"}`, asJSON, true, "409 x: taken"},
	} {
		client := newClient(t, respond(test.status, test.body, test.ct), polar.WithoutRetries())
		var out any
		err := client.Do(t.Context(), http.MethodPost, "/v1/x", json.RawMessage(`{}`), map[bool]any{false: &out}[test.discard])
		if test.wrong == "" && err != nil || test.wrong != "" && err == nil {
			t.Errorf("%d %s: %v", test.status, test.body, err)
		}
		if err != nil {
			wantText(t, err.Error(), []string{test.wrong}, nil)
		}
	}
	var got string
	client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		got = fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header["Authorization"])
		w.WriteHeader(http.StatusNoContent)
	})
	if err := client.Do(t.Context(), http.MethodPut, "/v1/a%2Fb/ü?x=2&a=1", nil, nil); err != nil || got != "PUT /v1/a%2Fb/%C3%BC?x=2&a=1 []" {
		t.Errorf("%s, %v", got, err)
	}
}

// WithSession is an option of Do only.
func TestWithSession(t *testing.T) {
	if _, err := polar.New(polar.WithSession(liveSecurity)); err == nil {
		t.Error("New accepts WithSession")
	}
	client := newClient(t, respond(200, "{}", asJSON))
	if _, err := introspect(t, client, polar.WithSession(liveSecurity)); err == nil {
		t.Error("Introspect accepts WithSession")
	}
	if err := client.Do(t.Context(), http.MethodGet, "/v1/x", nil, nil, polar.WithSession(polar.SessionSecurity{})); !errors.Is(err, polar.ErrMissingSecurity) {
		t.Errorf("%v", err)
	}
}
