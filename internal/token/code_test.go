package token_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/token"
)

func TestLoginCodesAreMintedAndChecked(t *testing.T) {
	for _, tt := range []struct {
		from       token.Alphabet
		length     int
		characters int
		shape      string
	}{
		{token.ClearAlphabet, token.DefaultCode, 31, `^[A-HJKMNP-Z2-9]{8}$`},
		{token.PolarAlphabet, token.MinCode, 36, `^[A-Z0-9]{6}$`},
	} {
		mintMany(t, tt.from, tt.length, tt.characters, regexp.MustCompile(tt.shape))
	}
	for _, text := range []string{"", "ABC12", "abc123", "ABC 12", "ÄBC123", "ABC12\x00", strings.Repeat("A", token.MaxCode+1)} {
		if _, ok := token.CheckCode(text); ok {
			t.Errorf("%q is accepted as a code", text)
		}
	}
}

// mintMany mints codes, and checks that they have the shape and use all characters.
func mintMany(t *testing.T, from token.Alphabet, length, characters int, shape *regexp.Regexp) {
	t.Helper()
	seen := map[rune]bool{}
	for range 2000 {
		c := token.MintCode(from, length)
		if !shape.MatchString(c.Reveal()) {
			t.Fatalf("minted %q", c.Reveal())
		}
		for _, r := range c.Reveal() {
			seen[r] = true
		}
		if again, ok := token.CheckCode(c.Reveal()); !ok || again != c {
			t.Fatalf("%q is not a code", c.Reveal())
		}
		for _, shown := range []string{c.String(), fmt.Sprintf("%v %+v %#v %s", c, c, c, c)} {
			if strings.Contains(shown, c.Reveal()) {
				t.Fatalf("%s shows the code", shown)
			}
		}
	}
	if len(seen) != characters {
		t.Errorf("codes use %d characters of %d", len(seen), characters)
	}
}

func TestCodeHashesDifferBySecret(t *testing.T) {
	first, second := token.NewSecret(), token.NewSecret()
	old, err := token.NewSecrets(first)
	if err != nil {
		t.Fatal(err)
	}
	both, err := token.NewSecrets(second, first)
	if err != nil {
		t.Fatal(err)
	}
	c := token.MintCode(token.ClearAlphabet, token.MaxCode)
	if was, now := old.CodeHashes(c), both.CodeHashes(c); len(now) != 2 || now[1] != was[0] || now[0] == was[0] {
		t.Error("the hash under the old secret is not among the new hashes")
	}
	if old.CodeHashes(c)[0] == old.CodeHashes(token.MintCode(token.ClearAlphabet, token.MaxCode))[0] {
		t.Error("two codes have the same hash")
	}
}
