package api

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
)

func answered(err error) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	x := &web.Exchange{ResponseWriter: w}
	x.Header().Set("Cache-Control", "private, no-store") // what the stack has set by then
	Deps{}.problem(x, httptest.NewRequest("GET", "/", nil), err)
	return w
}

func TestInsufficientScope(t *testing.T) {
	w := answered(organization(directory.CustomerSessionsWrite).insufficientScope())
	const body = `{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token."}`
	if w.Code != 403 || w.Body.String() != body || len(body) != 129 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for name, want := range map[string]string{
		"Www-Authenticate": `Bearer realm="polar", scope="customer_sessions:write", error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token."`,
		"Cache-Control":    "no-store",
		"Pragma":           "no-cache",
		"Content-Type":     "application/json",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, wanted %q", name, got, want)
		}
	}
	several := answered(organization(directory.CustomersRead, directory.CustomersWrite).insufficientScope())
	if got := several.Header().Get("Www-Authenticate"); !strings.Contains(got, `scope="customers:read customers:write"`) {
		t.Errorf("several scopes: %s", got)
	}
}

func TestGuardRequiresAScope(t *testing.T) {
	guard := organization(directory.CustomersWrite).guard(nil, func(*call) error { return nil })
	for _, tt := range []struct {
		name    string
		subject any
		want    fault.Code
	}{
		{"nobody", nil, fault.Unauthenticated},
		{"a session", &subject{kind: ofSession, scopes: sessionScopes}, fault.Unauthenticated},
		{"another scope", &subject{kind: ofOrganization, scopes: []directory.Scope{directory.CustomersRead}}, fault.InsufficientScope},
		{"the scope", &subject{kind: ofOrganization, scopes: []directory.Scope{directory.CustomersWrite}}, ""},
	} {
		err := guard(&web.Exchange{ResponseWriter: httptest.NewRecorder(), Subject: tt.subject}, httptest.NewRequest("GET", "/", nil))
		if got := fault.CodeOf(err); got != tt.want {
			t.Errorf("%s: %q, wanted %q", tt.name, got, tt.want)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, tt := range []struct {
		err    error
		status int
		body   string
		cache  string
	}{
		{fault.New(fault.NotPermitted, "Not permitted"), 403, `{"error":"NotPermitted","detail":"Not permitted"}`, "private, no-store"},
		{fault.New(fault.LengthRequired, "A Content-Length header is required."), 411, `{"error": "LengthRequired", "detail": "A Content-Length header is required."}`, ""},
		{fault.New(fault.Unavailable, "Later.").Because(errors.New("secret detail")), 503, `{"error":"ServiceUnavailable","detail":"Later."}`, "private, no-store"},
		{errors.New("secret detail"), 500, `Internal Server Error`, "private, no-store"},
	} {
		w := answered(tt.err)
		if w.Code != tt.status || w.Body.String() != tt.body || w.Header().Get("Cache-Control") != tt.cache {
			t.Errorf("%v: %d %s %v", tt.err, w.Code, w.Body, w.Header())
		}
	}
}

func TestTooManyRequestsHasNoBody(t *testing.T) {
	for wait, want := range map[time.Duration]string{time.Minute: "60", 900 * time.Second: "900", time.Nanosecond: "1", 13*time.Second + 1: "14"} {
		err := fault.New(fault.TooMany, "secret detail")
		err.RetryAfter = wait
		w := answered(err)
		if w.Code != 429 || w.Body.Len() != 0 || w.Header().Get("Retry-After") != want {
			t.Errorf("%s: %d %q %v", wait, w.Code, w.Body, w.Header())
		}
		for _, forbidden := range []string{"Content-Type", "Www-Authenticate"} {
			if _, there := w.Header()[forbidden]; there {
				t.Errorf("%s is there: %v", forbidden, w.Header())
			}
		}
	}
}

func TestRouteNamesItsZone(t *testing.T) {
	if got := (row{"POST", "/v1/x", public.countedIn(web.Login), nil, contract{}}).route(nil).Zone; got != web.Login {
		t.Errorf("the zone is %d", got)
	}
	if got := (row{"GET", "/v1/y", public, nil, contract{}}).route(nil).Zone; got != web.Default {
		t.Errorf("the zone of a route that names none is %d", got)
	}
}

// Every code of fault has an answer here.
func TestEveryCodeHasAnAnswer(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../fault/fault.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" {
			return true
		}
		text, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if _, ok := answers[fault.Code(text)]; !ok {
			t.Errorf("fault.%s has no row in the answers of problem.go", spec.Names[0])
		}
		codes++
		return true
	})
	if codes != len(answers) {
		t.Errorf("%d codes and %d answers", codes, len(answers))
	}
}
