package mail_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/mail"
)

// Whoever manages a team chooses its name and the recipients of invitations.
func TestTeamNamesCarryNoMessage(t *testing.T) {
	for name, shown := range map[string]string{
		"Difference Engines":                          "Difference Engines",
		"Acme Inc. & Søn":                             "Acme Inc. & Søn",
		"Engines\r\nBcc: eve@example.com":             "",
		"You won! Visit evil.example":                 "",
		"evil。example":                                "",
		"http://evil":                                 "",
		"call\u202e us":                               "call us",
		strings.Repeat("Please call our number. ", 9): "Please call our number. Please call our number. Please call…",
		"": "",
	} {
		m, err := mail.Notice{Kind: mail.AddedToTeam, From: from, To: "ada@example.com", Organization: acme, Team: name, Link: signInLink}.Mail()
		if err != nil {
			t.Fatal(err)
		}
		want := "You can now use the account " + shown + " with Acme."
		if shown == "" {
			want = "You can now use a team’s account with Acme."
		}
		if lead, _, _ := strings.Cut(strings.TrimSpace(m.Text), "\n"); lead != want || strings.Contains(m.Subject+m.HTML, "evil") {
			t.Errorf("%q: %q", name, lead)
		}
	}
}
