package polar_test

import (
	"fmt"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/openapi"
	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

// withoutMethod are the routes without a client method, and the reason for each.
var withoutMethod = map[string]string{
	"GET /docs":           "a page for browsers",
	"GET /docs/style.css": "the stylesheet of the page",
	"GET /.well-known/oauth-authorization-server":  "OAuth libraries read it",
	"GET /.well-known/openid-configuration":        "OAuth libraries read it",
	"POST /v1/integrations/github/secret-scanning": "only GitHub can sign its requests",
}

// Every route of the OpenAPI document has a client method, which the walk calls.
func TestEveryRouteHasAMethod(t *testing.T) {
	for _, version := range []string{"", polar.Version202604, polar.Version202610, polar.Version202701} {
		t.Run("version "+version, func(t *testing.T) {
			t.Parallel()
			seen := &requestLog{}
			opts := []polar.Option{polar.WithHTTPClient(&http.Client{Transport: seen}), polar.WithAPIVersion(version)}
			server := polartest.New(t)
			walk{t, server, server.Client(opts...)}.callEverything()
			for _, op := range openapi.Operations() {
				route := op.Method + " " + op.Path
				_, excused := withoutMethod[route]
				if called := slices.ContainsFunc(seen.all, routePattern(route).MatchString); called == excused {
					t.Errorf("%s: called: %v; listed in withoutMethod: %v", route, called, excused)
				}
			}
		})
	}
}

// requestLog is a transport that records requests in the form "GET /v1/customers/?page=1".
type requestLog struct {
	mu  sync.Mutex
	all []string
}

func (a *requestLog) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.all = append(a.all, r.Method+" "+r.URL.RequestURI())
	a.mu.Unlock()
	return http.DefaultTransport.RoundTrip(r)
}

// routePattern matches the requests of a route.
func routePattern(route string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(route), "[^/?]+") + `(\?|$)`)
}

// Every client method is called by the walk.
func TestWalkCallsEveryMethod(t *testing.T) {
	source, err := os.ReadFile("walk_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var methods int
	var visit func(path string, v reflect.Type)
	visit = func(path string, v reflect.Type) {
		for i := range v.NumMethod() {
			methods++
			if call := path + "." + v.Method(i).Name + "("; !strings.Contains(string(source), "w.client"+call) {
				t.Errorf("walk_test.go does not call client%s…)", call)
			}
		}
		for i := range v.NumField() {
			if f := v.Field(i); f.IsExported() {
				visit(path+"."+f.Name, f.Type)
			}
		}
	}
	visit("", reflect.TypeFor[polar.Client]())
	if methods < 60 {
		t.Errorf("only %d methods were found", methods)
	}
}

// wantEqual fails the test unless got and want have the same text. Pointers are dereferenced.
func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := formatValue(got), formatValue(want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}

func formatValue(v any) string {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && !r.IsNil() {
		v = r.Elem().Interface()
	}
	return fmt.Sprintf("%v", v)
}
