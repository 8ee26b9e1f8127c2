package harness

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/mail"
)

func TestMailboxPagesShowMailsSafely(t *testing.T) {
	var b Mailbox
	for _, to := range []string{"ada@example.com", "bob@example.com"} {
		if err := b.Send(t.Context(), mail.Mail{
			ID: to + "+1", To: mail.Address{Email: to}, Subject: "A <code>", Text: "Your <b>code</b>", HTML: "<p>Your code</p><script>alert(1)</script>", Code: "A1B2C3",
		}); err != nil {
			t.Fatal(err)
		}
	}
	get := func(host, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Host = host
		w := httptest.NewRecorder()
		b.Pages().ServeHTTP(w, r)
		return w
	}
	id := "ada%40example.com%2b1" // escaped as in the template
	list := get("localhost:8787", "/dev/mailbox").Body.String()
	if !strings.Contains(list, "/dev/mailbox/mail?id="+id) || !strings.Contains(list, "A &lt;code&gt;") || strings.Index(list, "bob@") > strings.Index(list, "ada@") {
		t.Errorf("the list is %s", list)
	}
	shown := get("127.0.0.1:8787", "/dev/mailbox/mail?id="+id)
	if text := shown.Body.String(); !strings.Contains(text, "Your &lt;b&gt;code&lt;/b&gt;") || strings.Contains(text, "<script>") || !strings.Contains(text, `sandbox="allow-popups" src="/dev/mailbox/html?id=`+id+`"`) {
		t.Errorf("the mail is %s", text)
	}
	html := get("localhost", "/dev/mailbox/html?id="+id)
	if policy := html.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox allow-popups; default-src 'none'") || html.Body.String() != "<p>Your code</p><script>alert(1)</script>" {
		t.Errorf("the mail as a page: %s %s", policy, html.Body)
	}
	for path, want := range map[string]int{"/dev/mailbox/style.css": 200, "/dev/mailbox/mail?id=nobody": 404, "/dev/mailbox/html": 404, "/dev/mailbox/other": 404} {
		if got := get("localhost", path).Code; got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := get("rebound.example:8787", "/dev/mailbox").Code; got != http.StatusForbidden {
		t.Errorf("another host: %d", got)
	}
}
