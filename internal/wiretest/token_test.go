package wiretest_test

import (
	"hash/crc32"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/testserver"
)

// checksum returns the checksum of Polar's tokens: the CRC-32 of the 37 characters after the prefix, in six base 62 digits.
func checksum(text string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum, out := crc32.ChecksumIEEE([]byte(text)), ""
	for range 6 {
		sum, out = sum/62, string(digits[sum%62])+out
	}
	return out
}

// Every token has a prefix, 37 random characters and a checksum (docs/wire.md, Tokens).
func TestTokenFormat(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		strings.Repeat("a", 37): "2sN54l", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa": "33EDWO", strings.Repeat("Z", 37): "489CZj",
	} {
		if got := checksum(text); got != want {
			t.Errorf("the checksum of %s is %s, want %s", text, got, want)
		}
	}
	srv, legacy := testserver.New(t, testserver.RateLimits("off")), testserver.New(t, testserver.MemberModel(false), testserver.RateLimits("off"))
	srv.Ada()
	legacy.Ada()
	seen := map[string]bool{}
	for prefix, mint := range map[string]func() string{
		"polar_mst_": func() string { return srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token },
		"polar_cst_": func() string { return legacy.Create(sessions, `{"external_customer_id":"user_1"}`).Token },
		"polar_oat_": func() string { return srv.AccessToken("customers:read").Token },
	} {
		for range 20 {
			token := mint()
			body := strings.TrimPrefix(token, prefix)
			if !regexp.MustCompile(`^[0-9A-Za-z]{43}$`).MatchString(body) || checksum(body[:37]) != body[37:] || seen[token] {
				t.Fatalf("%s is not a token with the prefix %s", token, prefix)
			}
			seen[token] = true
			for _, damaged := range []string{token[:52], token + "0", prefix + strings.ToUpper(body), strings.ToUpper(prefix) + body, body} {
				if damaged != token {
					srv.As(damaged, "GET", introspect, "").Exactly(t, 401, invalidToken)
				}
			}
		}
	}
	// Neither the key of a live session nor a right checksum makes a token valid.
	token := srv.Create(sessions, `{"external_customer_id":"user_1"}`).Token
	forged := token[10:21] + strings.Repeat("a", 26)
	srv.As("polar_mst_"+forged+checksum(forged), "GET", introspect, "").Exactly(t, 401, invalidToken)
	srv.As("polar_cst_"+token[10:], "GET", introspect, "").Exactly(t, 401, invalidToken)
	// A token is not valid on another server, which has another secret.
	legacy.As(token, "GET", introspect, "").Exactly(t, 401, invalidToken)
}
