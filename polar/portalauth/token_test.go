package portalauth

import (
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// The checksums are taken from tokens of Polar.
func TestWellFormed(t *testing.T) {
	for text, want := range map[string]bool{
		"polar_cst_" + strings.Repeat("a", 37) + "2sN54l":       true,
		"polar_mst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO": true,
		"polar_cst_" + strings.Repeat("Z", 37) + "489CZj":       true,
		"polar_cst_" + strings.Repeat("Z", 37) + "489CZk":       false,
		"polar_oat_" + strings.Repeat("a", 37) + "2sN54l":       false,
		"polar_cst_" + strings.Repeat("a", 36) + "-2sN54l":      false,
		"polar_cst_" + strings.Repeat("a", 36) + "2sN54l":       false,
		"polar_cst_" + strings.Repeat("a", 37) + "2sN54l ":      false,
		"":                               false,
		strings.Repeat("\x00", tokenLen): false,
		"polar_cst_" + strings.Repeat("a", 37) + "2sN54\xff":                    false,
		strings.ToUpper("polar_cst_" + strings.Repeat("a", 37) + "2sN54l"):      false,
		"polar_cst_" + strings.Repeat("a", 37) + "2sN54l\r\nX-Injected: header": false,
	} {
		if got := wellFormed(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// Tokens of the server are well-formed, and the key in a token equals the key in the session's ID.
func TestSessionKeysMatchTheServer(t *testing.T) {
	for range 1000 {
		id := token.NewID(time.Now())
		minted := token.Mint(token.Member, id.Key()).Reveal()
		parsed, ok := parseUUID(id.String())
		if !ok || !wellFormed(minted) || sessionKey(minted) != uint64(id.Key()) || sessionKeyOfID(parsed) != uint64(id.Key()) {
			t.Fatalf("%s: key %d, by the token %d, by the id %d", id, id.Key(), sessionKey(minted), sessionKeyOfID(parsed))
		}
	}
}

func FuzzToken(f *testing.F) {
	f.Add("polar_cst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l")
	f.Add("polar_mst_")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := token.Check(text)
		ours := strings.HasPrefix(text, "polar_mst_") || strings.HasPrefix(text, "polar_cst_")
		// The server also refuses keys of 64 bits, which a token of Polar may contain.
		if err == nil && ours && !wellFormed(text) {
			t.Errorf("the server accepts %q", text)
		}
		if wellFormed(text) && (len(text) != tokenLen || !ours) {
			t.Errorf("%q was accepted", text)
		}
	})
}

func FuzzUUID(f *testing.F) {
	f.Add("0b6ff4a5-3c2b-4f6e-9c1c-7d1c4b1f0a01")
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := parseUUID(text)
		if ok && token.ID(id).String() != strings.ToLower(text) {
			t.Errorf("%q was parsed as %s", text, token.ID(id))
		}
	})
}
