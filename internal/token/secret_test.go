package token_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/token"
)

func TestRotatedSecretsStillVerify(t *testing.T) {
	first, second := token.NewSecret(), token.NewSecret()
	before, _ := token.NewSecrets(first)
	during, _ := token.NewSecrets(second, first)
	after, _ := token.NewSecrets(second)
	tok := token.Mint(token.Member, 42)

	hash, id := before.Hash(tok)
	if !during.Verify(tok, id, hash) {
		t.Error("a token of the older secret is refused while both are active")
	}
	if after.Verify(tok, id, hash) {
		t.Error("a token of a retired secret is let in")
	}
	if _, newer := during.Hash(tok); newer == id {
		t.Error("the older secret still signs")
	}
	if during.Verify(token.Mint(token.Member, 42), id, hash) {
		t.Error("another token with the same key is let in")
	}
}

func TestNewSecretsRefusesInvalidSecrets(t *testing.T) {
	good := token.NewSecret()
	for _, tt := range []struct {
		name  string
		texts []string
		want  string
	}{
		{"none", nil, "no secret"},
		{"a short one", []string{good, "too short"}, "secret 2 has 9 bytes"},
		{"the same twice", []string{good, good}, "secret 2 is a duplicate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := token.NewSecrets(tt.texts...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("the error is %v, wanted %q", err, tt.want)
			}
			if strings.Contains(err.Error(), good) {
				t.Error("the error contains a secret")
			}
		})
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	text := token.NewSecret()
	secrets, _ := token.NewSecrets(text)
	if printed := fmt.Sprintf("%v %+v %#v %s", secrets, secrets, secrets, secrets); strings.Contains(printed, text) {
		t.Errorf("the secret shows in %s", printed)
	}
}

func TestSecretsAreSafeForConcurrentUse(t *testing.T) {
	secrets, _ := token.NewSecrets(token.NewSecret())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				tok := token.Mint(token.Customer, token.Key(i*1000+j))
				hash, id := secrets.Hash(tok)
				if !secrets.Verify(tok, id, hash) {
					t.Error("a token was refused")
				}
			}
		})
	}
	wg.Wait()
}
