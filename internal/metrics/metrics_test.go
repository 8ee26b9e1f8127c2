package metrics

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in docs/metrics.md")

const document = "../../docs/metrics.md"

// table returns the table of docs/metrics.md.
func table() string {
	b := "| metric | type | labels | meaning |\n|---|---|---|---|\n"
	for _, d := range New().registry.described {
		labels := ""
		if len(d.labels) > 0 {
			labels = "`" + strings.Join(d.labels, "`, `") + "`"
		}
		b += "| `" + d.name + "` | " + d.kind + " | " + labels + " | " + d.help + " |\n"
	}
	return b
}

func TestDocumentListsEveryMetric(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	start := strings.Index(string(text), "| metric | type |")
	if start < 0 {
		t.Fatalf("%s has no table of metrics", document)
	}
	end := start + strings.Index(string(text)[start:], "|\n\n") + 2
	if *update {
		if err := os.WriteFile(document, []byte(string(text)[:start]+table()+string(text)[end:]), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := string(text)[start:end]; got != table() {
		t.Errorf("the table of %s differs from names.go; run go test ./internal/metrics -run TestDocument -update\ngot:\n%s\nwant:\n%s", document, got, table())
	}
}

func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// count calls every method once or twice.
func count(m *Metrics) {
	m.Request("login", 204)
	m.Request("login", 200)
	m.Request("default", 0)
	m.Refused("login")
	m.QuotaExceeded("members")
	m.SlotsWaiting("lists", 2)
	m.SlotsWaiting("lists", -1)
	m.SlotRefused("lists")
	m.LoginFailed("unknown_code")
	m.LoginBudgetSpent("server")
	m.Mail("login code", Queued)
	m.Connections(3)
	m.Connections(-1)
	m.BodyBytes(100)
	m.BodyBytes(-40)
}

func TestHandlerServesWhatWasCounted(t *testing.T) {
	m := New()
	count(m)
	count(New()) // another server in this process
	got := scrape(t, m)
	for _, want := range []string{
		`postern_requests_total{status="2xx",zone="login"} 2`,
		`postern_requests_total{status="none",zone="default"} 1`,
		`postern_requests_refused_total{limit="login"} 1`,
		`postern_quota_refusals_total{quota="members"} 1`,
		`postern_slots_waiting{pool="lists"} 1`,
		`postern_slots_refused_total{pool="lists"} 1`,
		`postern_login_failures_total{reason="unknown_code"} 1`,
		`postern_login_budget_spent_total{budget="server"} 1`,
		`postern_mails_total{kind="login code",outcome="queued"} 1`,
		`postern_connections 2`,
		`postern_body_bytes 60`,
		`postern_build_info{version=`,
		`go_goroutines `,
	} {
		if !strings.Contains(got, "\n"+want) {
			t.Errorf("the metrics do not contain %s", want)
		}
	}
}

func TestNilMetricsCountNothing(t *testing.T) {
	var m *Metrics
	count(m)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d, want 404", w.Code)
	}
}
