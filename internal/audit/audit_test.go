package audit_test

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/token"
)

var update = flag.Bool("update", false, "write the table of actions to docs/audit-log.md")

func TestActionsAreDescribedOnce(t *testing.T) {
	seen := map[audit.Action]bool{}
	for _, row := range audit.Actions {
		if seen[row.Action] || row.Meaning == "" || strings.Count(string(row.Action), ".") != 1 {
			t.Errorf("row %+v", row)
		}
		seen[row.Action] = true
	}
}

// TestLineAndHashStayTheSame fails if the exported form of an entry changes. The hashes of entries that are already stored would then
// no longer match.
func TestLineAndHashStayTheSame(t *testing.T) {
	e := audit.Entry{
		ID: token.IDOf(1, 2), Organization: token.IDOf(3, 4), CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 600_000, time.UTC),
		Action: audit.SessionEnded, Outcome: audit.Succeeded, Actor: audit.Actor{Kind: audit.AccessToken, IP: "192.0.2.1", UserAgent: `<"é">`},
		ActorID: token.IDOf(5, 6), Target: audit.Target{Kind: audit.OnSession, ID: token.IDOf(7, 8)}, Customer: token.IDOf(9, 10),
		Details: `{"reason":"signed_out"}`,
	}
	link, err := e.After(audit.Link{Seq: 41, Hash: "00ff"})
	if err != nil {
		t.Fatal(err)
	}
	const hash = "cb7cef1a8f435a61be321bdfe04d1c8dd54e5eacfd46c057d6d6978787ba646f"
	if link.Seq != 42 || link.Hash != hash {
		t.Errorf("the link is %s, want 42:%s", link, hash)
	}
	e.Seq, e.Hash = link.Seq, link.Hash
	line, err := e.Line()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"sequence":42,"id":"00000000-0000-4000-8800-000000000002","created_at":"2026-01-02T03:04:05.000600Z",` +
		`"organization_id":"00000000-0000-4000-9800-000000000004","action":"session.ended","outcome":"succeeded",` +
		`"actor":{"type":"access_token","id":"00000000-0000-4000-a800-000000000006","session_id":null,"name":null},` +
		`"target":{"type":"session","id":"00000000-0000-4000-b800-000000000008"},"customer_id":"00000000-0000-4001-8800-00000000000a","member_id":null,` +
		`"ip_address":"192.0.2.1","user_agent":"<\"é\">","details":{"reason":"signed_out"},"hash":"` + hash + `"}`
	if string(line) != want {
		t.Errorf("the line is\n%s\nwant\n%s", line, want)
	}
}

func TestDetailsAreBounded(t *testing.T) {
	long := slices.Repeat([]string{strings.Repeat("x", 500)}, 500)
	for _, d := range []audit.Details{
		{Changed: long}, {Scopes: long}, {Reason: strings.Repeat("ä", 5000)}, {Changed: long, Scopes: long, From: long[0], Role: long[0], Reason: long[0]},
	} {
		text := d.Text()
		var read struct{ Truncated bool }
		if err := json.Unmarshal([]byte(text), &read); err != nil || len(text) > audit.MaxDetails || !read.Truncated {
			t.Errorf("%d bytes, truncated %v, error %v", len(text), read.Truncated, err)
		}
	}
	if text := (audit.Details{Changed: []string{"name"}}).Text(); text != `{"changed":["name"]}` {
		t.Errorf("short details are %s", text)
	}
}

func TestChangedFieldsAreNamedAsOnTheWire(t *testing.T) {
	type object struct {
		ReturnURL, LogoURL string
		TaxID              *string
		KeepOnBlock        bool
		Generation         int
		hidden             int
	}
	id := "DE123"
	was, now := object{hidden: 1}, object{ReturnURL: "a", LogoURL: "b", TaxID: &id, KeepOnBlock: true, Generation: 1, hidden: 2}
	got := strings.Join(audit.ChangedFields(was, now, "Generation"), " ")
	if want := "return_url logo_url tax_id keep_on_block"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := audit.ChangedFields(now, now); got != nil {
		t.Errorf("no change: %q", got)
	}
}

func TestActorOfAContext(t *testing.T) {
	if got := audit.ActorFrom(t.Context()); got != (audit.Actor{Kind: audit.ServerItself}) {
		t.Errorf("without an actor: %+v", got)
	}
	a := audit.Actor{Kind: audit.CommandLine, Name: strings.Repeat("ä", 100), UserAgent: "a\x00\xff"}
	got := audit.ActorFrom(audit.WithActor(t.Context(), a)).Bounded()
	if len(got.Name) != audit.MaxName || got.UserAgent != "a\uFFFD\uFFFD" {
		t.Errorf("%+v", got)
	}
}

// TestDocumentation checks the table of actions in docs/audit-log.md.
func TestDocumentation(t *testing.T) {
	const path = "../../docs/audit-log.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	want.WriteString("| action | meaning |\n|---|---|\n")
	for _, row := range audit.Actions {
		want.WriteString("| `" + string(row.Action) + "` | " + row.Meaning + " |\n")
	}
	before, rest, _ := strings.Cut(string(text), "<!-- actions -->\n")
	table, after, found := strings.Cut(rest, "<!-- end of actions -->\n")
	if !found {
		t.Fatal("docs/audit-log.md has no place for the table of actions")
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+"<!-- actions -->\n"+want.String()+"<!-- end of actions -->\n"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != want.String() {
		t.Errorf("the table of actions is not up to date; run go test -run TestDocumentation -update ./internal/audit")
	}
}
