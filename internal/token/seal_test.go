package token_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

func TestSealedTokenOpensOnlyWithItsTicket(t *testing.T) {
	mint := func(kind token.Kind) token.Token { return token.Mint(kind, token.NewID(time.Now()).Key()) }
	ticket, session := mint(token.Ticket), mint(token.Member)
	sealed := ticket.Seal(session, "purpose")
	if got, err := ticket.Open(sealed, "purpose"); err != nil || got != session {
		t.Errorf("it came back as %v, %v", got, err)
	}
	if bytes.Contains(sealed, []byte(session.Reveal()[20:40])) {
		t.Error("the token can be read")
	}
	if bytes.Equal(sealed, ticket.Seal(session, "purpose")) {
		t.Error("the same token is sealed to the same bytes")
	}
	refused := func(what string, by token.Token, sealed []byte) {
		t.Helper()
		if got, err := by.Open(sealed, "purpose"); !fault.Is(err, fault.InvalidToken) || got != (token.Token{}) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	refused("another ticket", mint(token.Ticket), sealed)
	refused("another one with the same key", token.Mint(token.Ticket, ticket.Key()), sealed)
	refused("the session's own", session, sealed)
	for i := range sealed {
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		refused("damaged", ticket, damaged)
		refused("cut off", ticket, sealed[:i])
	}
}

func TestSecretsSeal(t *testing.T) {
	first, second := token.NewSecret(), token.NewSecret()
	before, _ := token.NewSecrets(first)
	during, _ := token.NewSecrets(second, first)
	after, _ := token.NewSecrets(second)
	data := []byte(`{"token":"x"}`)
	sealed, id := before.Seal("key and request", data)
	if again, _ := before.Seal("key and request", data); bytes.Equal(again, sealed) || bytes.Contains(sealed, data) {
		t.Error("the data can be recognized")
	}
	for name, s := range map[string]*token.Secrets{"the same secret": before, "after a rotation": during} {
		if got, ok := s.Open(id, "key and request", sealed); !ok || !bytes.Equal(got, data) {
			t.Errorf("%s: %q, %v", name, got, ok)
		}
	}
	if got, ok := after.Open(id, "key and request", sealed); ok || got != nil {
		t.Errorf("without the secret: %q", got)
	}
	if got, ok := during.Open(id, "key and another request", sealed); ok || got != nil {
		t.Errorf("another text: %q", got)
	}
	sealed[0] ^= 1
	if got, ok := during.Open(id, "key and request", sealed); ok || got != nil {
		t.Errorf("damaged: %q", got)
	}
}
