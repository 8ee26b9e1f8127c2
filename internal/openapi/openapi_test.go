package openapi

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	for _, tt := range []struct{ publicURL, want string }{
		{"", "/"},
		{"https://portal.example.com/", "https://portal.example.com"},
		{"https://example.com/a/b", "https://example.com/a/b"},
		{`https://example.com/"$1`, `https://example.com/"$1`},
	} {
		var d struct{ Servers []struct{ URL string } }
		if err := json.Unmarshal(JSON(tt.publicURL), &d); err != nil {
			t.Fatal(err)
		}
		if len(d.Servers) != 1 || d.Servers[0].URL != tt.want {
			t.Errorf("%q: the servers are %v, want %q", tt.publicURL, d.Servers, tt.want)
		}
	}
	if n := bytes.Count(source, server); n != 1 {
		t.Errorf("%s occurs in the document %d times", server, n)
	}
	JSON("")[0] = 'x'
	if source[0] != '{' {
		t.Error("a caller can change the document")
	}
}

func TestDocumentIsFormatted(t *testing.T) {
	var b bytes.Buffer
	if err := json.Indent(&b, source, "", "  "); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), source) {
		t.Error("openapi.json is not indented: go generate ./internal/openapi")
	}
}

func TestOperations(t *testing.T) {
	all := Operations()
	ids := map[string]bool{}
	for _, o := range all {
		if o.ID == "" || ids[o.ID] {
			t.Errorf("%s %s has the id %q", o.Method, o.Path, o.ID)
		}
		ids[o.ID] = true
		if !slices.IsSorted(o.Statuses) {
			t.Errorf("%s answers %v", o.ID, o.Statuses)
		}
		for _, always := range []int{401, 404, 503} { // authentication and version negotiation precede routing
			if !slices.Contains(o.Statuses, always) {
				t.Errorf("%s does not document %d", o.ID, always)
			}
		}
		limited, v1 := slices.Contains(o.Statuses, 429), strings.HasPrefix(o.Path, "/v1/")
		read, reads := slices.Contains(o.Statuses, 411), o.Method == "POST" || o.Method == "PATCH"
		if limited != v1 || read != reads {
			t.Errorf("%s %s answers %v", o.Method, o.Path, o.Statuses)
		}
	}
	i := slices.IndexFunc(all, func(o Operation) bool { return o.ID == "customers:get" })
	if i < 0 {
		t.Fatal("there is no customers:get")
	}
	if o := all[i]; o.Method != "GET" || o.Path != "/v1/customers/{id}" || !slices.Equal(o.Scopes, []string{"customers:read", "customers:write"}) ||
		!slices.Equal(o.Statuses, []int{200, 401, 403, 404, 422, 429, 503}) {
		t.Errorf("customers:get is %+v", o)
	}
}

// Every operation has a summary, and every parameter a description.
func TestOperationsAreDescribed(t *testing.T) {
	d := parsed()
	for _, p := range d.Paths {
		for method, op := range p.Value.operations() {
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s %s has the summary %q and the tags %q", method, p.Name, op.Summary, op.Tags)
			}
			params, err := d.parametersOf(&p.Value, op)
			if err != nil {
				t.Fatal(err)
			}
			for _, param := range params {
				if param.Description == "" || param.In == "path" && (!param.Required || param.Example == "") {
					t.Errorf("%s %s: %s lacks a description, or an example", method, p.Name, param.Name)
				}
				if param.In == "path" && !strings.Contains(p.Name, "{"+param.Name+"}") {
					t.Errorf("%s is not in %s", param.Name, p.Name)
				}
			}
			if op.RequestBody != nil && len(op.RequestBody.sent().Value.Example) == 0 {
				t.Errorf("%s %s has no example of its body", method, p.Name)
			}
		}
	}
}

var (
	ids   = regexp.MustCompile(` id="([^"]+)"`)
	links = regexp.MustCompile(` href="#([^"]+)"`)
)

func TestPage(t *testing.T) {
	text := string(Page("https://portal.example.com/"))
	for _, forbidden := range []string{"<script", "<style", " style=", " onclick", "src=", "ZgotmplZ", "{{", "<no value>", "\uFFFD"} {
		if strings.Contains(text, forbidden) {
			t.Errorf("the page has %s, which its policy forbids", forbidden)
		}
	}
	there := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(text, -1) {
		if there[m[1]] {
			t.Errorf("two elements have the id %s", m[1])
		}
		there[m[1]] = true
	}
	for _, m := range links.FindAllStringSubmatch(text, -1) {
		if !there[m[1]] {
			t.Errorf("a link to %s has no target", m[1])
		}
	}
	for _, o := range Operations() {
		if !there[anchor(o.ID)] || !strings.Contains(text, "<code>"+o.Path+"</code>") {
			t.Errorf("%s is not on the page", o.ID)
		}
	}
	if !bytes.Contains(Style(), []byte("prefers-color-scheme")) {
		t.Error("the stylesheet has no dark color scheme")
	}
}

// The public URL is escaped in the HTML of the page and in the shell commands.
func TestPageEscapes(t *testing.T) {
	text := string(Page(`https://example.com/'$(x)<b>`))
	if strings.Contains(text, "(x)<b>") {
		t.Error("the public URL is not escaped")
	}
	if !strings.Contains(text, `curl &#39;https://example.com/&#39;\&#39;&#39;$(x)&lt;b&gt;/healthz&#39;`) {
		t.Error("the public URL is not quoted for a shell")
	}
	if got, want := string(prose("a `<b>` & c\n\nd")), "<p>a <code>&lt;b&gt;</code> &amp; c</p><p>d</p>"; got != want {
		t.Errorf("prose is %s, want %s", got, want)
	}
}

func TestCurl(t *testing.T) {
	d := parsed()
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/healthz", `curl 'https://postern.example.com/healthz'`},
		{"POST", "/v1/customer-portal/customer-session/authenticate", "curl 'https://postern.example.com/v1/customer-portal/customer-session/authenticate' \\\n  --json '{\"code\":\"K7WQ2MXH\"}'"},
		{"PATCH", "/v1/customers/external/{external_id}", "curl -X PATCH 'https://postern.example.com/v1/customers/external/user_1' \\\n  -H \"Authorization: Bearer $POLAR_ACCESS_TOKEN\" \\\n  --json '{\"name\":\"Ada King\"}'"},
		{"DELETE", "/v1/customer-portal/members/{id}", "curl -X DELETE 'https://postern.example.com/v1/customer-portal/members/8c4f2a60-3d1b-4e7a-9f52-6b0c1d2e3f4a' \\\n  -H \"Authorization: Bearer $SESSION_TOKEN\""},
		{"POST", "/v1/oauth2/revoke", "curl 'https://postern.example.com/v1/oauth2/revoke' \\\n  -H \"Authorization: Bearer $POLAR_ACCESS_TOKEN\" \\\n  -d 'token=polar_mst_TOKEN'"},
		{"GET", "/v1/customer-portal/customers/me/email-update/check", `curl 'https://postern.example.com/v1/customer-portal/customers/me/email-update/check?token=polar_cev_TOKEN'`},
	} {
		item := d.Paths.get(tt.path)
		for method, op := range item.operations() {
			if method != tt.method {
				continue
			}
			if got := curl("", d.show(method, tt.path, item, op)); got != tt.want {
				t.Errorf("got\n%s\nwanted\n%s", got, tt.want)
			}
		}
	}
}
