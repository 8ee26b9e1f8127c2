package polar_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
)

// The files in testdata/golden, one for each wire type, ensure that a type keeps its JSON form. They are written by
// hand.

// responseTypes are the types of complete responses, each with a call that returns it.
var responseTypes = map[string]func(t *testing.T, c *polar.Client) (any, error){
	"CustomerSession": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerSessions.Create(t.Context(), polar.CustomerSessionCreate{Customer: polar.CustomerID("x")})
	},
	"CustomerCustomerSession": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.CustomerSession.Introspect(t.Context(), liveSecurity)
	},
	"PortalAuthenticatedUser": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.CustomerSession.GetAuthenticatedUser(t.Context(), liveSecurity)
	},
	"CustomerSessionProof": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.CustomerSession.ConfirmProof(t.Context(), liveSecurity, polar.CustomerSessionProofConfirm{Code: "x"})
	},
	"SessionToken": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.Customers.VerifyEmailUpdate(t.Context(), "x")
	},
	"CustomerSessionInfo": func(t *testing.T, c *polar.Client) (any, error) { return c.CustomerSessions.Get(t.Context(), "x") },
	"CustomerSessionInspection": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerSessions.Inspect(t.Context(), "x")
	},
	"CustomerSessionSettings": func(t *testing.T, c *polar.Client) (any, error) {
		return c.Organizations.CustomerSessionSettings(t.Context(), "x")
	},
	"CustomerPortalSettings": func(t *testing.T, c *polar.Client) (any, error) {
		return c.Organizations.CustomerPortalSettings(t.Context(), "x")
	},
	"Customer": func(t *testing.T, c *polar.Client) (any, error) {
		return c.Customers.Get(t.Context(), polar.CustomerID("x"))
	},
	"CustomerState": func(t *testing.T, c *polar.Client) (any, error) {
		return c.Customers.State(t.Context(), polar.CustomerID("x"))
	},
	"CustomerExport": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.Customers.Export(t.Context(), liveSecurity)
	},
	"List": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.CustomerSessions.ListPage(t.Context(), liveSecurity, polar.Page{})
	},
	"Member": func(t *testing.T, c *polar.Client) (any, error) {
		return c.Customers.Members.Get(t.Context(), "x", "x")
	},
	"CustomerPortalCustomer": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.Customers.Get(t.Context(), liveSecurity)
	},
	"CustomerPortalMember": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.Members.Update(t.Context(), liveSecurity, "x", polar.CustomerPortalMemberUpdate{})
	},
	"Organization": func(t *testing.T, c *polar.Client) (any, error) { return c.Organizations.Get(t.Context(), "x") },
	"CustomerOrganizationData": func(t *testing.T, c *polar.Client) (any, error) {
		return c.CustomerPortal.Organizations.Get(t.Context(), "x")
	},
	"OrganizationAccessToken": func(t *testing.T, c *polar.Client) (any, error) {
		return c.OrganizationAccessTokens.Update(t.Context(), "x", polar.OrganizationAccessTokenUpdate{})
	},
	"OrganizationAccessTokenCreated": func(t *testing.T, c *polar.Client) (any, error) {
		return c.OrganizationAccessTokens.Create(t.Context(), polar.OrganizationAccessTokenCreate{})
	},
	"TokenIntrospection": func(t *testing.T, c *polar.Client) (any, error) { return c.OAuth2.Introspect(t.Context(), "x") },
	"WebhookEndpoint":    func(t *testing.T, c *polar.Client) (any, error) { return c.Webhooks.GetEndpoint(t.Context(), "x") },
	"Health":             func(t *testing.T, c *polar.Client) (any, error) { return c.Server.Health(t.Context()) },
	"ForwardAuthKeys":    func(t *testing.T, c *polar.Client) (any, error) { return c.CustomerPortal.ForwardAuthKeys(t.Context()) },
}

// nestedTypes are the types that are part of a response, a stream or an event.
var nestedTypes = map[string]any{
	"Address":                           polar.Address{},
	"AuditLogActor":                     polar.AuditLogActor{},
	"AuditLogDetails":                   polar.AuditLogDetails{},
	"AuditLogEntry":                     polar.AuditLogEntry{},
	"AuditLogTarget":                    polar.AuditLogTarget{},
	"CustomerOrganization":              polar.CustomerOrganization{},
	"CustomerOrganizationFeatures":      polar.CustomerOrganizationFeatures{},
	"CustomerPortalSession":             polar.CustomerPortalSession{},
	"CustomerSelectionOption":           polar.CustomerSelectionOption{},
	"CustomerSelectionRequired":         polar.CustomerSelectionRequired{},
	"CustomerSessionRevocation":         polar.CustomerSessionRevocation{},
	"ExportedCustomer":                  polar.ExportedCustomer{},
	"OAuthAccount":                      polar.OAuthAccount{},
	"OrganizationCapabilities":          polar.OrganizationCapabilities{},
	"OrganizationCustomerEmailSettings": polar.OrganizationCustomerEmailSettings{},
	"ForwardAuthKey":                    polar.ForwardAuthKey{},
	"OrganizationDisputeSettings":       polar.OrganizationDisputeSettings{},
	"OrganizationFeatureSettings":       polar.OrganizationFeatureSettings{},
	"OrganizationNotificationSettings":  polar.OrganizationNotificationSettings{},
	"OrganizationProfileSettings":       polar.OrganizationProfileSettings{},
	"OrganizationPortalSettings":        polar.OrganizationPortalSettings{},
	"OrganizationSocialLink":            polar.OrganizationSocialLink{},
	"OrganizationSubscriptionSettings":  polar.OrganizationSubscriptionSettings{},
	"Pagination":                        polar.Pagination{},
	"PortalCustomerSettings":            polar.PortalCustomerSettings{},
	"PortalSubscriptionSettings":        polar.PortalSubscriptionSettings{},
	"PortalUsageSettings":               polar.PortalUsageSettings{},
	"TaxID":                             polar.TaxID{},
	"WebhookDelivery":                   polar.WebhookDelivery{},
	"WebhookEvent":                      polar.WebhookEvent{},
	"WebhookLoginFailedData":            polar.WebhookLoginFailedData{},
	"WebhookLoginFailedPayload":         polar.WebhookLoginFailedPayload{},
	"WebhookSessionPayload":             polar.WebhookSessionPayload{},
}

// requiredFields are the fields without which a response is an error. All other fields may be missing or null.
var requiredFields = map[string][]string{
	"CustomerSession": {"token", "id", "customer_id"}, "CustomerCustomerSession": {"expires_at"}, "PortalAuthenticatedUser": {"customer_id"},
	"SessionToken": {"token"}, "CustomerSessionProof": {"fresh_until"}, "CustomerSessionInfo": {"id"}, "CustomerSessionInspection": {"status"},
	"CustomerSessionSettings": {"max_expires_in"}, "CustomerPortalSettings": {"return_hosts", "application_hosts"}, "Customer": {"id"}, "CustomerState": {"id"}, "CustomerExport": {"customer"}, "List": {"items"}, "Member": {"id"}, "CustomerPortalCustomer": {"id"},
	"CustomerPortalMember": {"id"}, "Organization": {"id"}, "CustomerOrganizationData": {"organization"}, "OrganizationAccessToken": {"id"},
	"OrganizationAccessTokenCreated": {"token", "organization_access_token"}, "WebhookEndpoint": {"id"}, "Health": {"status"}, "ForwardAuthKeys": {"keys"},
}

// wireTypes returns the exported types of the package that have a JSON form, from its source.
func wireTypes(t *testing.T) (names []string) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	marshals := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if of := receiver(n); ast.IsExported(of) && n.Name.Name == "MarshalJSON" {
					marshals[of] = true
				}
				return false // types declared in functions are not exported
			case *ast.TypeSpec:
				s, ok := n.Type.(*ast.StructType)
				if ok && n.Name.IsExported() && slices.ContainsFunc(s.Fields.List, func(f *ast.Field) bool { return f.Tag != nil }) {
					marshals[n.Name.Name] = true
				}
			}
			return true
		})
	}
	marshals["TaxID"] = true // an array without tags
	return slices.Sorted(maps.Keys(marshals))
}

// receiver returns the name of the type of a method. It is empty for functions and for methods of pointers and generic
// types.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	of, ok := f.Recv.List[0].Type.(*ast.Ident)
	if !ok {
		return ""
	}
	return of.Name
}

func TestEveryWireTypeHasAGolden(t *testing.T) {
	have := slices.Concat(slices.Collect(maps.Keys(responseTypes)), slices.Collect(maps.Keys(nestedTypes)), slices.Collect(maps.Keys(requests)))
	slices.Sort(have)
	if want := wireTypes(t); !slices.Equal(have, want) {
		t.Errorf("the tables of this test list\n%v\nthe package has\n%v", have, want)
	}
	var files []string
	entries, err := os.ReadDir("testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		files = append(files, strings.TrimSuffix(e.Name(), ".json"))
	}
	if !slices.Equal(files, have) {
		t.Errorf("testdata/golden has\n%v\nwant\n%v", files, have)
	}
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	text, err := fs.ReadFile(os.DirFS("testdata/golden"), name+".json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decodeGolden returns the value that a client decodes from a response body.
func decodeGolden(t *testing.T, name string, text []byte) (any, error) {
	t.Helper()
	if part, ok := nestedTypes[name]; ok {
		v := reflect.New(reflect.TypeOf(part))
		err := json.Unmarshal(text, v.Interface())
		return v.Interface(), err
	}
	client := must[*polar.Client](t)(polar.New(polar.WithoutRetries(), polar.WithAccessToken("polar_oat_x"), withTransport(func(r *http.Request) (*http.Response, error) {
		if status := http.StatusOK; r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/") {
			return newResponse(status, string(text), asJSON), nil
		}
		return newResponse(http.StatusCreated, string(text), asJSON), nil
	})))
	return responseTypes[name](t, client)
}

func TestResponsesRoundTrip(t *testing.T) {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(responseTypes)), slices.Collect(maps.Keys(nestedTypes))) {
		t.Run(name, func(t *testing.T) {
			text := golden(t, name)
			v, err := decodeGolden(t, name, text)
			if err != nil {
				t.Fatal(err)
			}
			requireEveryField(t, name, reflect.ValueOf(v).Elem())
			again := must[[]byte](t)(json.Marshal(v))
			wantSame(t, decodeJSON(t, again), decodeJSON(t, text))
		})
	}
}

// requireEveryField fails the test if a field has its zero value. A golden file has a value for every field.
func requireEveryField(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	if v.IsZero() {
		t.Errorf("%s has no value in the golden", path)
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				requireEveryField(t, path+"."+f.Name, v.Field(i))
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			requireEveryField(t, fmt.Sprint(path, ".", i), v.Index(i))
		}
	}
}

func wantSame(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// decodeJSON decodes any JSON text and keeps all digits of numbers.
func decodeJSON(t *testing.T, text []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Fields and values that this package does not know must not be errors.
func TestUnknownFieldsAndValuesAreAccepted(t *testing.T) {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(responseTypes)), slices.Collect(maps.Keys(nestedTypes))) {
		t.Run(name, func(t *testing.T) {
			text := golden(t, name)
			v, err := decodeGolden(t, name, must[[]byte](t)(json.Marshal(withUnknownFields(decodeJSON(t, text)))))
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, decodeJSON(t, must[[]byte](t)(json.Marshal(v))), decodeJSON(t, text))

			other, err := decodeGolden(t, name, must[[]byte](t)(json.Marshal(withUnknownValues(decodeJSON(t, text)))))
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, decodeJSON(t, must[[]byte](t)(json.Marshal(other))), withUnknownValues(decodeJSON(t, text)))
		})
	}
}

// freeFields are the fields with objects that have free field names, or that the client keeps as JSON.
var freeFields = []string{
	"metadata", "oauth_accounts", "products", "active_subscriptions", "granted_benefits", "active_meters", "subscriptions", "orders", "payment_methods",
	"benefit_grants",
}

// withUnknownFields adds a field to every object, except to freeFields.
func withUnknownFields(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withUnknownFields(v[i])
		}
	case map[string]any:
		for name := range v {
			if !slices.Contains(freeFields, name) {
				v[name] = withUnknownFields(v[name])
			}
		}
		v["unheard_of"] = map[string]any{"a": []any{1, nil}}
	}
	return v
}

// enumFields are the fields whose list of values may grow.
var enumFields = []string{
	"type", "role", "state", "status", "scope", "scopes", "events", "format", "reason", "end_reason", "token_type", "platform", "error",
	"proration_behavior", "default_tax_behavior", "default_presentment_currency", "country", "locale", "overview_metrics",
}

func withUnknownValues(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withUnknownValues(v[i])
		}
	case map[string]any:
		for name, inner := range v {
			switch inner.(type) {
			case string:
				if slices.Contains(enumFields, name) {
					v[name] = "never_heard_of"
				}
			case []any:
				if slices.Contains(enumFields, name) {
					v[name] = []any{"never_heard_of", "nor_of_this"}
				}
			default:
				v[name] = withUnknownValues(inner)
			}
		}
	}
	return v
}

// A response without an optional field is accepted; one without a required field is an error.
func TestOptionalFieldsMayBeMissingOrNull(t *testing.T) {
	for name := range responseTypes {
		t.Run(name, func(t *testing.T) {
			text := golden(t, name)
			for field := range decodeJSON(t, text).(map[string]any) {
				for how, change := range map[string]func(map[string]any){
					"missing": func(v map[string]any) { delete(v, field) },
					"null":    func(v map[string]any) { v[field] = nil },
				} {
					v := decodeJSON(t, text).(map[string]any)
					change(v)
					_, err := decodeGolden(t, name, must[[]byte](t)(json.Marshal(v)))
					if needed := slices.Contains(requiredFields[name], field); needed != (err != nil) {
						t.Errorf("%s is %s: %v; required: %v", field, how, err, needed)
					}
				}
			}
		})
	}
}
