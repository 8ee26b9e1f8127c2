package wiretest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/polar"
)

func portalSettingsPath(srv *testserver.Server) string {
	return "/v1/organizations/" + srv.OrgID + "/customer-portal-settings"
}

func TestPortalSettings(t *testing.T) {
	srv := testserver.New(t)
	const defaults = `{"accent_color":null,"logo_url":null,"return_url":null,"return_hosts":[],"application_hosts":[],"one_time_links":false,"sign_in_notices":true,"support_email":null,"support_url":null,"terms_url":null,"privacy_url":null}`
	get := func() string { return srv.Must(200, srv.As(srv.Token, "GET", portalSettingsPath(srv), "")).Body }
	patch := func(body, want string) {
		t.Helper()
		if a := srv.Must(200, srv.As(srv.Token, "PATCH", portalSettingsPath(srv), body)); a.Body != want || get() != want {
			t.Errorf("%s: changed to %s, read as %s", body, a.Body, get())
		}
	}
	if got := get(); got != defaults {
		t.Errorf("the settings are %s", got)
	}
	patch(`{}`, defaults)
	patch(`{"accent_color":"#3366FF","logo_url":"https://Example.com/logo.svg","return_url":"https://app.example.com","return_hosts":["APP.example.com","*.example.org:8443"],"one_time_links":true,"unknown":1}`,
		`{"accent_color":"#3366ff","logo_url":"https://example.com/logo.svg","return_url":"https://app.example.com/","return_hosts":["app.example.com","*.example.org:8443"],"application_hosts":[],"one_time_links":true,"sign_in_notices":true,"support_email":null,"support_url":null,"terms_url":null,"privacy_url":null}`)
	patch(`{"accent_color":" "}`,
		`{"accent_color":null,"logo_url":"https://example.com/logo.svg","return_url":"https://app.example.com/","return_hosts":["app.example.com","*.example.org:8443"],"application_hosts":[],"one_time_links":true,"sign_in_notices":true,"support_email":null,"support_url":null,"terms_url":null,"privacy_url":null}`)
	settings := get()

	other := srv.Neighbor("bolt")
	if a := other.As(other.Token, "GET", portalSettingsPath(other), ""); a.Body != defaults {
		t.Errorf("another organization's are %s", a.Body)
	}
	other.Must(404, other.As(other.Token, "GET", portalSettingsPath(srv), ""))
	other.Must(404, other.As(other.Token, "PATCH", portalSettingsPath(srv), `{"accent_color":"#000000"}`))
	for _, path := range []string{"/v1/organizations/" + srv.OrgID, "/v1/customer-portal/organizations/acme"} {
		if a := srv.As(srv.Token, "GET", path, ""); !strings.Contains(a.Body, `"avatar_url":"https://example.com/logo.svg"`) {
			t.Errorf("%s has another logo: %s", path, a.Body)
		}
	}
	if got := get(); got != settings {
		t.Errorf("another organization has changed something: %s", got)
	}
	patch(`{"sign_in_notices":false}`,
		`{"accent_color":null,"logo_url":"https://example.com/logo.svg","return_url":"https://app.example.com/","return_hosts":["app.example.com","*.example.org:8443"],"application_hosts":[],"one_time_links":true,"sign_in_notices":false,"support_email":null,"support_url":null,"terms_url":null,"privacy_url":null}`)
	patch(`{"accent_color":null,"logo_url":null,"return_url":null,"return_hosts":null,"one_time_links":null,"sign_in_notices":null}`, defaults)
	patch(`{"support_email":"help@Example.com","support_url":"https://Example.com","terms_url":"https://example.com/terms","privacy_url":"http://example.com/privacy"}`,
		strings.NewReplacer(`"support_email":null`, `"support_email":"help@example.com"`, `"support_url":null`, `"support_url":"https://example.com/"`,
			`"terms_url":null`, `"terms_url":"https://example.com/terms"`, `"privacy_url":null`, `"privacy_url":"http://example.com/privacy"`).Replace(defaults))
	patch(`{"support_email":null,"support_url":null,"terms_url":null,"privacy_url":null}`, defaults)
}

func TestPortalSettingsRefuse(t *testing.T) {
	srv := testserver.New(t)
	srv.Must(200, srv.As(srv.Token, "PATCH", portalSettingsPath(srv), `{"return_url":"http://localhost:3000/","return_hosts":["localhost:3000"]}`))
	settings := srv.As(srv.Token, "GET", portalSettingsPath(srv), "").Body
	many := strings.TrimSuffix(strings.Repeat(`"example.com",`, 101), ",")
	for body, want := range map[string]string{
		`{"accent_color":"blue"}`:                           `"value_error","loc":["body","accent_color"]`,
		`{"accent_color":"#3366f"}`:                         `"value_error","loc":["body","accent_color"]`,
		`{"accent_color":"#3366ff;}"}`:                      `"value_error","loc":["body","accent_color"]`,
		`{"accent_color":1}`:                                `"string_type","loc":["body","accent_color"]`,
		`{"logo_url":"http://example.com/logo.svg"}`:        `"value_error","loc":["body","logo_url"]`,
		`{"logo_url":"https://ada@example.com/"}`:           `"value_error","loc":["body","logo_url"]`,
		`{"logo_url":"data:image/png;base64,AA"}`:           `"url_scheme","loc":["body","logo_url"]`,
		`{"logo_url":""}`:                                   `"url_parsing","loc":["body","logo_url"]`,
		`{"return_url":"javascript:alert(1)"}`:              `"url_scheme","loc":["body","return_url"]`,
		`{"return_url":"http://localhost/"}`:                `"value_error","loc":["body","return_url"]`,
		`{"return_url":"http://ada@localhost:3000/"}`:       `"value_error","loc":["body","return_url"]`,
		`{"return_hosts":["example.com"]}`:                  `"value_error","loc":["body","return_url"]`,
		`{"return_hosts":"localhost:3000"}`:                 `"list_type","loc":["body","return_hosts"]`,
		`{"return_hosts":["localhost:3000",1]}`:             `"string_type","loc":["body","return_hosts",1]`,
		`{"return_hosts":["localhost:3000","*"]}`:           `"value_error","loc":["body","return_hosts",1]`,
		`{"return_hosts":["javascript://"]}`:                `"value_error","loc":["body","return_hosts",0]`,
		`{"return_hosts":["a.*.example.com"]}`:              `"value_error","loc":["body","return_hosts",0]`,
		`{"return_hosts":["exämple.com"]}`:                  `"value_error","loc":["body","return_hosts",0]`,
		`{"return_hosts":["example.com/"]}`:                 `"value_error","loc":["body","return_hosts",0]`,
		`{"return_hosts":[""]}`:                             `"value_error","loc":["body","return_hosts",0]`,
		`{"return_hosts":["\u0000"]}`:                       `"value_error","loc":["body","return_hosts",0]`,
		`{"return_url":null,"return_hosts":[` + many + `]}`: `"value_error","loc":["body","return_hosts"]`,
		`{"one_time_links":"yes"}`:                          `"bool_type","loc":["body","one_time_links"]`,
		`[]`:                                                `"model_attributes_type","loc":["body"]`,
	} {
		a := srv.As(srv.Token, "PATCH", portalSettingsPath(srv), body)
		if a.Status != 422 || !strings.Contains(a.Body, `{"type":`+want+`,`) || strings.Count(a.Body, `"type":`) != 1 {
			t.Errorf("%s: %d %s, want %s", body, a.Status, a.Body, want)
		}
	}
	if a := srv.Must(422, srv.As(srv.Token, "PATCH", portalSettingsPath(srv), `{"accent_color":"x","logo_url":"http://example.com/"}`)); strings.Count(a.Body, `"type":`) != 2 {
		t.Errorf("the answer to a body with two errors is %s", a.Body)
	}
	if got := srv.As(srv.Token, "GET", portalSettingsPath(srv), "").Body; got != settings {
		t.Errorf("what was refused has changed something: %s", got)
	}
}

// The address of an app is a return URL only if the return hosts name its scheme. Otherwise, the answer is Polar's.
func TestReturnToApps(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	create := func(address string) testserver.Answer {
		return srv.As(srv.Token, "POST", sessions, fmt.Sprintf(`{"customer_id":%q,"return_url":%q}`, c.ID, address))
	}
	settings := func(body string) testserver.Answer {
		return srv.As(srv.Token, "PATCH", portalSettingsPath(srv), body)
	}
	const refused = `{"type":"url_scheme","loc":["body","CustomerSessionCustomerIDCreate","return_url"],"msg":"URL scheme should be 'http' or 'https'"`
	if a := srv.Must(422, create("myapp://account")); !strings.Contains(a.Body, refused) {
		t.Error(a.Body)
	}
	srv.Must(422, settings(`{"return_url":"myapp://account"}`))
	srv.Must(200, settings(`{"return_hosts":["MyApp://","app.example.com"],"return_url":"myapp://account?a=b"}`))
	var made polar.CustomerSession
	if err := json.Unmarshal([]byte(srv.Must(201, create("myapp://account/1?a=%20b")).Body), &made); err != nil || made.ReturnURL == nil || *made.ReturnURL != "myapp://account/1?a=%20b" {
		t.Errorf("%+v, %v", made, err)
	}
	for _, bad := range []string{"otherapp://account", "javascript://account", "intent://account", "myapp:account", "myapp://ada@account"} {
		if a := srv.Must(422, create(bad)); !strings.Contains(a.Body, refused) {
			t.Errorf("%s: %s", bad, a.Body)
		}
	}
	srv.Must(422, settings(`{"return_hosts":[]}`)) // the default return URL would not be allowed any more
	srv.Must(422, settings(`{"logo_url":"myapp://logo"}`))
}

// If an organization has return hosts, the return URL of a session must have one of them.
func TestReturnHosts(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	create := func(returnURL string) testserver.Answer {
		body, err := json.Marshal(map[string]string{"customer_id": c.ID, "return_url": returnURL})
		if err != nil {
			t.Fatal(err)
		}
		return srv.As(srv.Token, "POST", sessions, string(body))
	}
	before := srv.Must(201, create("https://ada@anywhere.example/")) // as on Polar
	srv.Must(200, srv.As(srv.Token, "PATCH", portalSettingsPath(srv), `{"return_hosts":["app.example.com","*.example.org"]}`))
	var s polar.CustomerSession
	if err := json.Unmarshal([]byte(before.Body), &s); err != nil {
		t.Fatal(err)
	}
	expectLive(srv, s.Token, true)
	for _, good := range []string{"https://app.example.com/a", "HTTPS://App.Example.com", `https:\\app.example.com`, "http://a.example.org/?b"} {
		srv.Must(201, create(good))
	}
	srv.Must(201, srv.As(srv.Token, "POST", sessions, fmt.Sprintf(`{"customer_id":%q}`, c.ID)))
	for bad, kept := range map[string]string{
		"https://anywhere.example":              "https://anywhere.example/",
		"https://app.example.com:8443/":         "https://app.example.com:8443/",
		"https://ada@app.example.com/":          "https://ada@app.example.com/",
		`https://evil.example\@app.example.com`: "https://evil.example/@app.example.com",
	} {
		want := `{"error":"PolarRequestValidationError","detail":[{"type":"value_error","loc":["body","return_url"],` +
			`"msg":"The return URL must be a URL without credentials that the return hosts of the organization allow: app.example.com, *.example.org.","input":"` + kept + `"}]}`
		if a := srv.Must(422, create(bad)); a.Body != want {
			t.Errorf("%s: %s, want %s", bad, a.Body, want)
		}
	}
}
