package polar_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

// Answers and requests print the values that pointers point to, without absent fields and secrets.
func TestValuesPrint(t *testing.T) {
	at := time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)
	secret := polar.WebhookSecret("whsec_SECRET")
	for want, v := range map[string]any{
		`polar.Member{ID: "m", CreatedAt: 2026-10-01T12:00:00Z, CustomerID: "c", Email: "ada@example.com", Name: "Ada\n", Role: "owner"}`: polar.Member{
			ID: "m", CreatedAt: at, CustomerID: "c", Email: "ada@example.com", Name: new("Ada\n"), Role: polar.RoleOwner,
		},
		`polar.CustomerSession{CreatedAt: 2026-10-01T12:00:00Z, ID: "s", Token: [redacted], CustomerPortalURL: [redacted], CustomerID: "c", Customer: {ID: "c", EmailVerified: false}}`: polar.CustomerSession{
			CreatedAt: at, ID: "s", Token: "SECRET", CustomerPortalURL: "https://x/?SECRET", CustomerID: "c", Customer: polar.Customer{ID: "c"},
		},
		`polar.CustomerSessionCreate{Customer: polar.ExternalCustomerID("user_1"), ReturnURL: null, ExpiresIn: 1h30m0s, Scopes: ["customer_portal:read"], Metadata: {"a": 1, "b": "x"}, OneTimeLink: true}`: polar.CustomerSessionCreate{
			Customer: polar.ExternalCustomerID("user_1"), ReturnURL: polar.Null[string](), ExpiresIn: 90 * time.Minute,
			Scopes: []polar.Scope{polar.ScopeCustomerPortalRead}, Metadata: polar.Metadata{"b": "x", "a": 1}, OneTimeLink: polar.Set(true),
		},
		`polar.WebhookEndpoint{ID: "e", URL: "https://example.com", Secret: whsec_…, Enabled: true, StandardSignature: false}`: polar.WebhookEndpoint{ID: "e", URL: "https://example.com", Secret: secret, Enabled: true},
		`polar.List{Items: [{CustomerID: "c", Reason: "left"}], Pagination: {TotalCount: 1, MaxPage: 1}}`: polar.List[polar.CustomerSessionRevocation]{
			Items: []polar.CustomerSessionRevocation{{CustomerID: new(polar.CustomerID("c")), Reason: "left"}}, Pagination: polar.Pagination{TotalCount: 1, MaxPage: 1},
		},
		`polar.CustomerSessionSettings{MaxExpiresIn: 1h0m0s, MaxSessions: 0, EndOnEmailChange: true, EndOnRoleDowngrade: false, EndOnOrganizationBlock: false}`: polar.CustomerSessionSettings{
			MaxExpiresIn: time.Hour, EndOnEmailChange: true,
		},
		`polar.TokenIntrospection{Active: true, ExpiresAt: 2026-10-01T12:00:00Z}`: polar.TokenIntrospection{Active: true, ExpiresAt: polar.UnixTime(at.Unix())},
		`polar.RevocationEvent{ID: "7"}`:                                          polar.RevocationEvent{ID: "7"},
		`polar.Webhook{ID: "w", Payload: "{}"}`:                                   polar.Webhook{ID: "w", Payload: []byte("{}")},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", verb, got, want)
			}
		}
	}
	if got := fmt.Sprint(&polar.Health{Status: "ok"}, (*polar.Health)(nil)); got != `polar.Health{Status: "ok"} <nil>` {
		t.Error(got)
	}
}

// notPrinted are the exported struct types that are no answers and no requests.
var notPrinted = []string{
	"Client", "RetryConfig", "WebhookReceiver", "Optional", // not values of the API
	"Error", "FieldError", "ConnectError", "TimeoutError", "DecodeError", "RedirectError", // errors
}

// Every type of an answer or a request has the methods that print it.
func TestEveryTypePrints(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	methods, structs := map[string]bool{}, []string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					of := d.Recv.List[0].Type
					if generic, ok := of.(*ast.IndexExpr); ok {
						of = generic.X
					}
					if name, ok := of.(*ast.Ident); ok {
						methods[name.Name+"."+d.Name.Name] = true
					}
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() && !strings.HasSuffix(s.Name.Name, "Service") {
						if _, ok := s.Type.(*ast.StructType); ok {
							structs = append(structs, s.Name.Name)
						}
					}
				}
			}
		}
	}
	for _, name := range structs {
		prints := methods[name+".Format"] || methods[name+".String"] && methods[name+".GoString"]
		if prints == slices.Contains(notPrinted, name) {
			t.Errorf("%s prints: %v; listed in notPrinted: %v", name, prints, !prints)
		}
	}
}

// RevokeOrganization sends nothing without an organization, and ends nothing for the ID of another one.
func TestRevokeOrganizationNeedsTheOrganization(t *testing.T) {
	var sent []string
	client := newClient(t, recordOrganization(&sent), polar.WithAccessToken("polar_oat_x"))
	if err := client.CustomerSessions.RevokeOrganization(t.Context(), "", "leaving"); err == nil || len(sent) != 0 {
		t.Errorf("without an organization: %v; sent %v", err, sent)
	}
	if err := client.CustomerSessions.RevokeOrganization(t.Context(), "org", "leaving"); err != nil || fmt.Sprint(sent) != "[org]" {
		t.Errorf("%v; sent %v", err, sent)
	}
}

// recordOrganization is a handler that appends the header Polar-Organization of each request to sent.
func recordOrganization(sent *[]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		*sent = append(*sent, r.Header.Get("Polar-Organization"))
		w.WriteHeader(http.StatusNoContent)
	}
}
