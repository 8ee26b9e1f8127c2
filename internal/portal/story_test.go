package portal

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Every page, in every state and language, is valid: no text is missing, IDs are unique, every reference to an ID is valid, every
// input has a label, and the Content-Security-Policy allows all elements.
func TestEveryStoryIsValid(t *testing.T) {
	keys := messageKeys(t)
	for _, l := range localizers() {
		for _, s := range stories() {
			page, err := renderStory(l, s.name)
			if err != nil {
				t.Fatalf("%s in %s: %v", s.name, l.Code, err)
			}
			for _, problem := range problemsOf(t, page, keys) {
				t.Errorf("%s in %s: %s", s.name, l.Code, problem)
			}
			if !strings.Contains(string(page), `<html lang="`+l.Code+`"`) {
				t.Errorf("%s in %s has the wrong lang attribute", s.name, l.Code)
			}
		}
	}
}

func messageKeys(t *testing.T) (keys map[string]any) {
	t.Helper()
	text, err := localeFiles.ReadFile("locale/en.json")
	if err == nil {
		err = json.Unmarshal(text, &keys)
	}
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestStoriesAreUniqueAndComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range stories() {
		if seen[s.name] {
			t.Errorf("there are two stories %s", s.name)
		}
		seen[s.name] = true
	}
	shown := map[string]bool{}
	for _, s := range stories() {
		shown[s.page] = true
	}
	for _, page := range baseTemplates().Templates() {
		if whole := strings.HasPrefix(templateText(page.Name()), `{{template "head" .}}`); whole && !shown[page.Name()] {
			t.Errorf("no story shows the page %s", page.Name())
		}
	}
	for n := range notes {
		if !slices.ContainsFunc(stories(), func(s story) bool { return strings.Contains(storyText(t, s.name), html.EscapeString(noteText(n))) }) {
			t.Errorf("no story shows the note %s", n)
		}
	}
}

// noteText returns the longest part of a note without placeholders.
func noteText(n note) string {
	text := localizers()[0].Text(notes[n].key, "Who", "\x00", "Email", "\x00", "Time", "\x00")
	parts := strings.Split(text, "\x00")
	slices.SortFunc(parts, func(a, b string) int { return len(b) - len(a) })
	return parts[0]
}

func storyText(t *testing.T, name string) string {
	t.Helper()
	page, err := renderStory(localizers()[0], name)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func templateText(name string) string {
	if tree := baseTemplates().Lookup(name).Tree; tree != nil {
		return tree.Root.String()
	}
	return ""
}

func inTemplate(n *html.Node) bool {
	for a := range n.Ancestors() {
		if a.Type == html.ElementNode && a.Data == "template" {
			return true
		}
	}
	return false
}

// inline matches the attributes that the Content-Security-Policy forbids.
var inline = regexp.MustCompile(`(?i)^(on.*|style)$`)

func problemsOf(t *testing.T, page []byte, keys map[string]any) (problems []string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, labels := map[string]bool{}, map[string]bool{}
	var refs, inputs []string
	headings := 0
	for n := range root.Descendants() {
		if inTemplate(n) { // the script moves it into the page instead of an element with the same id
			continue
		}
		if n.Type == html.TextNode {
			text := strings.TrimSpace(n.Data)
			if keys[text] != nil && strings.Contains(text, ".") || strings.Contains(text, "<no value>") || strings.Contains(text, "{{") {
				problems = append(problems, "contains the text "+text)
			}
			continue
		}
		if n.Type != html.ElementNode {
			continue
		}
		attrs := map[string]string{}
		for _, a := range n.Attr {
			attrs[a.Key] = a.Val
			if inline.MatchString(a.Key) || strings.Contains(a.Val, "javascript:") || strings.Contains(a.Val, "<no value>") {
				problems = append(problems, n.Data+" has "+a.Key+"="+a.Val)
			}
		}
		if id := attrs["id"]; id != "" {
			if ids[id] {
				problems = append(problems, "has two ids "+id)
			}
			ids[id] = true
		}
		for _, name := range []string{"for", "aria-labelledby"} {
			if attrs[name] != "" {
				refs = append(refs, attrs[name])
			}
		}
		refs = append(refs, strings.Fields(attrs["aria-describedby"])...)
		if to, ok := strings.CutPrefix(attrs["href"], "#"); ok && n.Data == "a" {
			refs = append(refs, to)
		}
		switch n.Data {
		case "h1":
			headings++
		case "label":
			labels[attrs["for"]] = true
		case "input", "select":
			if attrs["type"] != "hidden" {
				inputs = append(inputs, attrs["id"])
			}
		case "script":
			if attrs["src"] == "" || n.FirstChild != nil {
				problems = append(problems, "has an inline script")
			}
		case "form":
			if attrs["method"] != "post" || !strings.HasPrefix(attrs["action"], StorybookPath+"/") {
				problems = append(problems, "has a form that leads to "+attrs["action"])
			}
		case "style", "iframe", "object", "embed", "base":
			problems = append(problems, "has a "+n.Data)
		}
	}
	for _, ref := range refs {
		if !ids[ref] {
			problems = append(problems, "refers to "+ref+", which is not there")
		}
	}
	for _, id := range inputs {
		if !labels[id] {
			problems = append(problems, "has no label for "+id)
		}
	}
	if headings != 1 {
		problems = append(problems, "does not have exactly one h1")
	}
	return problems
}

// Pages contain what their reader may see and do, and nothing else.
func TestPageContentDependsOnAccess(t *testing.T) {
	for name, c := range map[string]struct{ wanted, forbidden []string }{
		"overview":                {[]string{"Ada Lovelace", "ada@example.com", "Owner", "42 minutes left", `content="2251"`, `id="ending"`}, []string{"nav-team", `class="back"`}},
		"overview-accounts":       {[]string{"Your other accounts", "Royal Society", "Billing manager", "Account without a name", `name="account"`}, nil},
		"overview-member":         {[]string{"mary.somerville@example.com", "Member", "Analytical Engines Ltd", "nav-team"}, nil},
		"overview-customer":       {[]string{"somebody@example.com", "Your account"}, []string{"fact.role", "Owner"}},
		"overview-ending":         {[]string{"4 minutes left", "Your session ends soon.", `content="251"`, "/request?next=overview"}, []string{" hidden>"}},
		"overview-return":         {[]string{`href="https://app.example.com/account"`, "Back to Acme", "app.example.com</small>", "<img"}, []string{`id="continue"`}},
		"overview-continue":       {[]string{`id="continue"`, "https://app.example.com/reports", "Continue to app.example.com"}, nil},
		"overview-branded":        {[]string{"assets/accent-facc15.css", "Analytical Engines &amp; Daughters"}, nil},
		"overview-read-only":      {[]string{"Read-only"}, []string{"change-email"}},
		"settings":                {[]string{`id="billing-form"`, `id="email-form"`, `value="SW1Y 4JH"`, `<option value="GB" selected>United Kingdom</option>`, `autocomplete="billing postal-code"`}, []string{`role="alert"`}},
		"settings-member":         {[]string{"SW1Y 4JH London", "United Kingdom", "Owners and billing managers"}, []string{`id="billing-form"`, `id="email-form"`}},
		"settings-read-only":      {[]string{"read-only"}, []string{`id="billing-form"`, `id="email-form"`}},
		"settings-wrong":          {[]string{`href="#country"`, `aria-invalid="true"`, `aria-describedby="country-error"`, `role="alert"`, "<title>Error: Settings"}, nil},
		"team":                    {[]string{`id="add-form"`, `data-test="transfer"`, `data-test="remove"`, "3 people"}, nil},
		"team-manager":            {[]string{`id="add-form"`, `data-test="remove"`}, []string{`data-test="transfer"`}},
		"team-member":             {[]string{"charles@example.com", "Owners and billing managers can change the team."}, []string{`id="add-form"`, `data-test="remove"`, "<details"}},
		"team-read-only":          {[]string{"charles@example.com"}, []string{`id="add-form"`, "<details"}},
		"team-large":              {[]string{"120 people", "Page 2 of 3", "team?page=1", "team?page=3"}, nil},
		"sessions":                {[]string{"Chrome on macOS", "Safari on iPhone", "Unknown device", "This device", "203.0.113.7", `id="sign-out-others"`}, nil},
		"sessions-one":            {[]string{"This device"}, []string{`id="sign-out-others"`, `data-test="end-session"`}},
		"sessions-read-only":      {[]string{"Safari on iPhone", `id="sign-out-here"`}, []string{`id="sign-out-others"`, `data-test="end-session"`}},
		"sessions-many":           {[]string{"and 119 more"}, nil},
		"request":                 {[]string{`autocomplete="email"`}, []string{`data-test="no-mail"`}},
		"request-no-mail":         {[]string{"No code will arrive", "contact Acme directly"}, nil},
		"code":                    {[]string{`autocomplete="one-time-code"`, `class="code n8"`}, []string{`id="resend"`}},
		"code-sent":               {[]string{`data-wait="30"`, "ada@example.com"}, nil},
		"code-resend":             {[]string{`data-wait="0"`}, nil},
		"code-long":               {[]string{"12 letters and digits", `class="long"`}, []string{`class="cells"`}},
		"choose":                  {[]string{"Analytical Engines Ltd", "Account without a name", `value="A1B2C3"`}, nil},
		"problem-internal":        {[]string{`id="request-id"`}, nil},
		"problem-too-many":        {[]string{"Please wait 15 minutes"}, []string{`id="request-id"`}},
		"problem-no-organization": {[]string{"no customer portal"}, []string{"Acme"}},
	} {
		page := storyText(t, name)
		for _, text := range c.wanted {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not have %s", name, text)
			}
		}
		for _, text := range c.forbidden {
			if strings.Contains(page, text) {
				t.Errorf("%s has %s", name, text)
			}
		}
	}
}

func TestStorybook(t *testing.T) {
	server := httptest.NewServer(Storybook())
	defer server.Close()
	get := func(path string) (int, http.Header, string) {
		t.Helper()
		r, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, r.Header, string(text)
	}
	status, header, text := get("/dev/pages?locale=ja")
	if status != 200 || !strings.Contains(text, `href="/dev/pages/team-wrong?locale=ja"`) || header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("the contents: %d %v %s", status, header, text)
	}
	if status, _, text := get("/dev/pages/overview?locale=de"); status != 200 || !strings.Contains(text, "Guten Tag, Ada Lovelace") || !strings.Contains(text, "/dev/pages/overview?locale=fr") {
		t.Errorf("a story: %d %s", status, text)
	}
	if status, header, _ := get("/dev/pages/assets/" + files().Address("portal.js")); status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "text/javascript") {
		t.Errorf("the script: %d %v", status, header)
	}
	for _, path := range []string{"/dev/pages/nothing", "/dev/pages/assets/nothing.css", "/dev/pages/assets/accent-xyz.css"} {
		if status, _, _ := get(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
