package mail_test

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/accent"
	"github.com/postern-go/postern/internal/locale"
	"github.com/postern-go/postern/internal/locale/localetest"
	"github.com/postern-go/postern/internal/mail"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func TestCatalog(t *testing.T) { localetest.Check(t, "locale", "*.go", "template/*") }

// kinds are all kinds of mail, each with its link and its secret (a code or a token).
var kinds = map[string]struct {
	write        func(l *locale.Language, o mail.Organization) (mail.Mail, error)
	link, secret string
}{
	"login_code": {func(l *locale.Language, o mail.Organization) (mail.Mail, error) {
		m := login("ada@example.com")
		m.Language, m.Organization = l, o
		return m.Mail()
	}, login("").Link, code},
	"email_change": {func(l *locale.Language, o mail.Organization) (mail.Mail, error) {
		m := change("ada@example.com")
		m.Language, m.Organization = l, o
		return m.Mail()
	}, change("").Link, token},
	"proof_code": {func(l *locale.Language, o mail.Organization) (mail.Mail, error) {
		return mail.ProofCode{From: from, To: "ada@example.com", Organization: o, Language: l, Code: code, ExpiresIn: 10 * time.Minute}.Mail()
	}, "", code},
	"notice_email":  {notice(mail.EmailChanged, ""), "", token},
	"notice_owner":  {notice(mail.OwnerChanged, sessionsLink), sessionsLink, token},
	"notice_team":   {notice(mail.AddedToTeam, signInLink), signInLink, token},
	"notice_device": {notice(mail.NewSignIn, sessionsLink), sessionsLink, token},
}

const signInLink = "https://example.com/acme/portal/request?customer=0192a0b0-0000-4000-8000-000000000000"

const sessionsLink = "https://example.com/acme/portal/sessions"

func notice(kind mail.NoticeKind, link string) func(l *locale.Language, o mail.Organization) (mail.Mail, error) {
	return func(l *locale.Language, o mail.Organization) (mail.Mail, error) {
		return mail.Notice{
			Kind: kind, From: from, To: "ada@example.com", Organization: o, Language: l, At: time.Date(2026, 10, 1, 12, 30, 0, 0, time.UTC),
			Browser: "Firefox", System: "Linux", IP: "203.0.113.7", Link: link, Team: "Difference Engines",
		}.Mail()
	}
}

// bolt has a logo, an accent color and characters that HTML must escape.
var bolt = mail.Organization{Name: "Bolt & Søn", Slug: "bolt", LogoURL: "https://cdn.example.net/bolt.png?v=1&w=2", AccentColor: "#ffd400"}

// TestGolden compares every mail in every language with its golden file. After a change, run
// "go test ./internal/mail -run TestGolden -update" and review the diff.
func TestGolden(t *testing.T) {
	for kind, k := range kinds {
		for _, l := range locale.Languages() {
			organization := acme
			if l.Code == "de" || l.Code == "ja" {
				organization = bolt
			}
			m, err := k.write(l, organization)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, kind+"."+l.Code+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, kind+"."+l.Code+".html", m.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs from the golden file (%v); got:\n%s", name, err, got)
	}
}

var (
	addresses = regexp.MustCompile(`(?i)\b(?:href|src|srcset|background|action|poster|data)="([^"]*)"`)
	tags      = regexp.MustCompile(`<[^>]*>`)
	shown     = regexp.MustCompile(`(?s)^.*</style>\s*</head>`)
)

func TestMailsInEveryLanguage(t *testing.T) {
	for kind, k := range kinds {
		for _, l := range locale.Languages() {
			t.Run(kind+" "+l.Code, func(t *testing.T) {
				m, err := k.write(l, bolt)
				if err != nil {
					t.Fatal(err)
				}
				if m.Language != l.Code || m.To != (mail.Address{Email: "ada@example.com"}) ||
					m.From != (mail.Address{Name: "Bolt & Søn (via Postern)", Email: "login@example.com"}) {
					t.Errorf("language %q, to %v, from %v", m.Language, m.To, m.From)
				}
				none := []string{"<no value>", "ZgotmplZ", "ada@example.com", "Postern", "\r", "{{", "}}", "login.", "email.", "proof.", "notice."}
				contains(t, "subject", m.Subject, nil, append(none, code, token, "\n", "  "))
				contains(t, "text", m.Text, []string{"Bolt & Søn"}, append(none, "<", "&amp;", bolt.LogoURL))
				urls, count := []string{bolt.LogoURL}, 1
				if k.link != "" {
					contains(t, "text", m.Text, []string{"\n" + k.link + "\n"}, nil)
					contains(t, "page", m.HTML, []string{`bgcolor="#ffd400"`, "color: #111110"}, nil) // the button
					urls, count = append(urls, k.link), 3                                             // the logo, and the link in both
				}
				contains(t, "page", m.HTML, []string{
					`<html lang="` + l.Code + `"`, "<title>" + html.EscapeString(m.Subject) + "</title>", `<meta name="color-scheme" content="light dark">`,
					"@media (prefers-color-scheme: dark)", `alt="Bolt &amp; Søn" height="40"`, "border-top: 4px solid #ffd400", `role="presentation"`,
				}, append(none, "<script", "<link", "<iframe", "<form", "<!--", "@import", "@font-face", "url(", "javascript:"))
				if got := all(addresses, m.HTML); !slices.Equal(got, urls) {
					t.Errorf("URLs in the HTML are %q, want %q", got, urls)
				}
				if n := strings.Count(m.HTML+m.Text, "http"); n != count {
					t.Errorf("%d URLs, want %d, in\n%s", n, count, m.HTML)
				}
				checkPreview(t, m, k.secret)
				checkTextMatchesHTML(t, m)
			})
		}
	}
}

func all(addresses *regexp.Regexp, page string) (found []string) {
	for _, a := range addresses.FindAllStringSubmatch(page, -1) {
		found = append(found, html.UnescapeString(a[1]))
	}
	return found
}

// checkPreview fails the test if the preview in a mail list or on a lock screen shows the secret.
func checkPreview(t *testing.T, m mail.Mail, secret string) {
	t.Helper()
	body := []rune(html.UnescapeString(tags.ReplaceAllString(shown.ReplaceAllString(m.HTML, ""), "")))
	contains(t, "preview", strings.TrimSpace(string(body[:180])), nil, []string{secret})
	if first := strings.TrimSpace(string(body[:40])); first == "" || !strings.Contains(m.Text, strings.TrimSpace(string(body[:12]))) {
		t.Errorf("the preview begins with %q", first)
	}
}

// checkTextMatchesHTML fails the test if the HTML lacks a paragraph of the plain text. Only the plain text contains the link as
// a paragraph and, in a mail with a code, the sentence that introduces the link.
func checkTextMatchesHTML(t *testing.T, m mail.Mail) {
	t.Helper()
	page, paragraphs := html.UnescapeString(m.HTML), strings.Split(strings.TrimSpace(m.Text), "\n\n")
	for i, p := range paragraphs {
		if p = strings.TrimSpace(p); strings.HasPrefix(p, "http") || i == 2 && strings.Contains(m.Text, code) {
			continue
		}
		if !strings.Contains(page, ">"+p+"<") {
			t.Errorf("the HTML lacks %q", p)
		}
	}
	if len(paragraphs) < 4 {
		t.Errorf("the text has %d paragraphs, want at least 4", len(paragraphs))
	}
}

func TestInvalidLogoOrColorIsReplaced(t *testing.T) {
	for logo, want := range map[string]string{
		"":                                 "",
		"https://example.net/a.png":        "https://example.net/a.png",
		"http://example.net/a.png":         "",
		"//example.net/a.png":              "",
		"https:///a.png":                   "",
		"https://ada@example.net/a.png":    "",
		"data:image/png;base64,AAAA":       "",
		"javascript:alert(1)":              "",
		`https://example.net/"onerror="x"`: "https://example.net/%22onerror=%22x%22",
	} {
		m, err := kinds["login_code"].write(nil, mail.Organization{Name: "Acme", LogoURL: logo})
		if err != nil {
			t.Fatal(err)
		}
		found := all(addresses, m.HTML)
		if got := strings.Join(found[:len(found)-1], " "); got != want || strings.Contains(m.HTML, "<img") != (want != "") || strings.Contains(m.HTML, "onerror=\"x") {
			t.Errorf("logo %q: HTML loads %q, want %q", logo, got, want)
		}
	}
	for color, want := range map[string]string{
		"#800040": "background-color: #800040", "": "background-color: #1a5fd0", "red": "background-color: #1a5fd0", "#fff; x: y": "background-color: #1a5fd0",
	} {
		m, err := kinds["email_change"].write(nil, mail.Organization{Name: "Acme", AccentColor: color})
		if err != nil {
			t.Fatal(err)
		}
		contains(t, "page", m.HTML, []string{want}, []string{"x: y", "ZgotmplZ"})
	}
}

func TestUsefulForIsTheLifetimeOfTheSecret(t *testing.T) {
	for kind, want := range map[string]time.Duration{"login_code": 30 * time.Minute, "email_change": time.Hour} {
		if m, err := kinds[kind].write(nil, acme); err != nil || m.UsefulFor != want || m.Language != "en" {
			t.Errorf("%s: useful for %v, language %q, %v", kind, m.UsefulFor, m.Language, err)
		}
	}
}

// The contrast of the accent color is tested in package accent.
func TestTextHasEnoughContrast(t *testing.T) {
	m, err := kinds["login_code"].write(nil, acme)
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(m.HTML, "@media (prefers-color-scheme: dark)")
	dark, page, _ := strings.Cut(dark, "</style>")
	for _, c := range []struct {
		where, text        string
		words, backgrounds []string
	}{
		{"light", light + page, []string{"#1c1b19", "#605d57"}, []string{"#f7f7f5", "#ffffff", "#f1f0ed"}},
		{"dark", dark, []string{"#edebe6", "#a8a49b"}, []string{"#121211", "#1b1b19", "#232320"}},
	} {
		for _, background := range c.backgrounds {
			for _, words := range c.words {
				contains(t, c.where, c.text, []string{"color: " + words, "background-color: " + background}, nil)
				on, _ := accent.Parse(background)
				of, _ := accent.Parse(words)
				if got := accent.Contrast(of, on); got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", c.where, words, background, got)
				}
			}
		}
	}
}
