package api_test

import (
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
)

// checksum is that of Polar's tokens: the CRC-32 of the 37 characters behind the prefix, in base62, in six digits.
func checksum(text string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum, out := crc32.ChecksumIEEE([]byte(text)), ""
	for range 6 {
		sum, out = sum/62, string(digits[sum%62])+out
	}
	return out
}

// Section 10 of the facts about Polar's wire: what every token looks like.
func TestWire10Tokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		strings.Repeat("a", 37): "2sN54l", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa": "33EDWO", strings.Repeat("Z", 37): "489CZj",
	} {
		if got := checksum(text); got != want {
			t.Errorf("the checksum of %s is %s, wanted %s", text, got, want)
		}
	}
	h, legacy := newHouse(t, false, limited("off")), newHouse(t, true, limited("off"))
	h.customer()
	legacy.customer()
	seen := map[string]bool{}
	for prefix, mint := range map[string]func() string{
		"polar_mst_": func() string { return h.create(sessions, `{"external_customer_id":"user_1"}`).Token },
		"polar_cst_": func() string { return legacy.create(sessions, `{"external_customer_id":"user_1"}`).Token },
		"polar_oat_": func() string { return h.accessToken("customers:read") },
	} {
		for range 20 {
			token := mint()
			body := strings.TrimPrefix(token, prefix)
			if !regexp.MustCompile(`^[0-9A-Za-z]{43}$`).MatchString(body) || checksum(body[:37]) != body[37:] || seen[token] {
				t.Fatalf("%s is no token with the prefix %s", token, prefix)
			}
			seen[token] = true
			for _, damaged := range []string{token[:52], token + "0", prefix + strings.ToUpper(body), strings.ToUpper(prefix) + body, body} {
				if damaged != token {
					h.as(damaged, "GET", introspect, "").exactly(t, 401, invalidToken)
				}
			}
		}
	}
	// The key alone opens nothing, and neither does a right checksum.
	token := h.create(sessions, `{"external_customer_id":"user_1"}`).Token
	forged := token[10:21] + strings.Repeat("a", 26)
	h.as("polar_mst_"+forged+checksum(forged), "GET", introspect, "").exactly(t, 401, invalidToken)
	h.as("polar_cst_"+token[10:], "GET", introspect, "").exactly(t, 401, invalidToken)
	// A token is one house's: another server's secret does not know it.
	legacy.as(token, "GET", introspect, "").exactly(t, 401, invalidToken)
}
