//go:build !race

package token_test

import (
	"testing"

	"github.com/postern-go/postern/internal/token"
)

// The race detector drops sync.Pool items at random, so this test needs a build without it.
func TestCheckDoesNotAllocate(t *testing.T) {
	secrets, _ := token.NewSecrets(token.NewSecret())
	minted := token.Mint(token.Customer, token.NewID(noon).Key())
	hash, id := secrets.Hash(minted)
	text := minted.Reveal()
	allocs := testing.AllocsPerRun(200, func() {
		got, err := token.Check(text)
		if err != nil || !secrets.Verify(got, id, hash) {
			t.Fatal("a live token was refused")
		}
	})
	if allocs > 0 {
		t.Errorf("check and hash allocate %v times", allocs)
	}
}
