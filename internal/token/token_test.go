package token_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// Polar's own code computed the checksums. The keys in the second and third body exceed 63 bits.
func TestCheckAcceptsPolarChecksums(t *testing.T) {
	a37 := strings.Repeat("a", 37)
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"a published checksum under a key that fits", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", true},
		{"the same as a member's", "polar_mst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", true},
		{"the same as an organization's", "polar_oat_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", true},
		{"a published checksum, but no key of 63 bits", "polar_cst_" + a37 + "2sN54l", false},
		{"another", "polar_cst_" + strings.Repeat("Z", 37) + "489CZj", false},
		{"a wrong checksum", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWP", false},
		{"one changed character", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZb33EDWO", false},
		{"two swapped characters", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXZYa33EDWO", false},
		{"an unknown prefix", "polar_xyz_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", false},
		{"an upper-case prefix", "POLAR_CST_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO", false},
		{"too short", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDW", false},
		{"too long", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO0", false},
		{"a foreign digit", "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-33EDWO", false},
		{"a prefix alone", "polar_cst_", false},
		{"nothing", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := token.Check(tt.text)
			if (err == nil) != tt.ok {
				t.Fatalf("Check(%q) = %v, wanted ok = %v", tt.text, err, tt.ok)
			}
			if tt.ok && got.Reveal() != tt.text {
				t.Errorf("Check returned another token: %q", got.Reveal())
			}
			if !tt.ok && !fault.Is(err, fault.InvalidToken) {
				t.Errorf("the error is %v, wanted the code %s", err, fault.InvalidToken)
			}
		})
	}
}

func TestCheckAcceptsMintedTokens(t *testing.T) {
	seen := map[string]bool{}
	for i := range 2000 {
		id := token.NewID(noon.Add(time.Duration(i) * time.Hour))
		for _, kind := range []token.Kind{token.Customer, token.Member, token.Organization, token.EmailChange, token.Ticket, token.Operator} {
			minted := token.Mint(kind, id.Key())
			got, err := token.Check(minted.Reveal())
			if err != nil {
				t.Fatalf("Check refuses a token that Mint made: %v", err)
			}
			if got != minted || got.Kind() != kind || got.Key() != id.Key() {
				t.Fatalf("Check read kind %s, key %d; minted %s, %d", got.Kind(), got.Key(), kind, id.Key())
			}
			if seen[minted.Reveal()] {
				t.Fatal("Mint made the same token twice")
			}
			seen[minted.Reveal()] = true
		}
	}
}

func TestTokensAscendWithTime(t *testing.T) {
	earlier := token.Mint(token.Member, token.NewID(noon).Key()).Reveal()
	later := token.Mint(token.Member, token.NewID(noon.Add(time.Millisecond)).Key()).Reveal()
	if earlier >= later {
		t.Error("a later token sorts before an earlier one")
	}
}

func TestTokenIsNeverPrinted(t *testing.T) {
	tok := token.Mint(token.Member, token.NewID(noon).Key())
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("minted", "token", tok, "held", struct{ T token.Token }{tok})
	printed := log.String() + fmt.Sprintf("%v %+v %#v %s %q", tok, tok, tok, tok, tok) + fmt.Sprintf("%v %+v %#v", []any{tok}, &tok, struct{ T token.Token }{tok})
	if strings.Contains(printed, tok.Reveal()[10:]) {
		t.Errorf("the token shows in %s", printed)
	}
	if !strings.Contains(printed, "polar_mst_…") {
		t.Errorf("the kind does not show in %s", printed)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO")
	f.Add("polar_cst_" + strings.Repeat("Z", 37) + "489CZj")
	f.Add(token.Mint(token.Member, 0).Reveal())
	f.Add(token.Mint(token.Organization, 1<<63-1).Reveal())
	f.Fuzz(func(t *testing.T, text string) {
		got, err := token.Check(text)
		if err != nil {
			if got != (token.Token{}) {
				t.Errorf("a refused token came back: %v", got)
			}
			return
		}
		if got.Reveal() != text || got.Key() < 0 || len(text) != token.Len || !strings.HasPrefix(text, string(got.Kind())) {
			t.Errorf("Check(%q) read kind %s, key %d", text, got.Kind(), got.Key())
		}
	})
}

func BenchmarkCheckAndHash(b *testing.B) {
	secrets, _ := token.NewSecrets(token.NewSecret())
	minted := token.Mint(token.Customer, token.NewID(noon).Key())
	hash, id := secrets.Hash(minted)
	text := minted.Reveal()
	b.ReportAllocs()
	for b.Loop() {
		got, _ := token.Check(text)
		if !secrets.Verify(got, id, hash) {
			b.Fatal("a live token was refused")
		}
	}
}
