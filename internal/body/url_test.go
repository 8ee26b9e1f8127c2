package body_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/fault"
)

// readURL reads a return URL. It returns the normalized URL, or the type and the reason of the validation error.
func readURL(t *testing.T, given string) (normalized, why string) {
	t.Helper()
	text, _ := json.Marshal(map[string]string{"external_customer_id": "x", "return_url": given})
	v, err := body.Parse("application/json", text)
	if err != nil {
		t.Fatalf("%q: %v", given, err)
	}
	in, err := body.ReadCustomerSessionCreate(v)
	if err == nil {
		return in.ReturnURL, ""
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatalf("%q: %v", given, err)
	}
	return "", strings.TrimPrefix(f.Fields[0].Msg, "Input should be a valid URL, ")
}

// Hosts of URLs are those of the WHATWG URL standard: domains by UTS 46, and IPv4 addresses in any form.
func TestHostsOfReturnURLs(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https:example.com":           "https://example.com/",
		`https:\\example.com\a`:       "https://example.com/a",
		" https://ex\tample.com\n":    "https://example.com/",
		"https://EXÄMPLE.com":         "https://xn--exmple-cua.com/",
		"https://faß.de":              "https://xn--fa-hia.de/",
		"https://ﬀ.com":               "https://ff.com/",
		"https://example。com":         "https://example.com/",
		"https://%65xample.com":       "https://example.com/",
		"https://a'b}=.com":           "https://a'b}=.com/",
		"https://a_b.com":             "https://a_b.com/",
		"https://😀.com":               "https://xn--e28h.com/",
		"https://xn--1ch.com":         "https://xn--1ch.com/",
		"https://1.2.3":               "https://1.2.0.3/",
		"https://0x7f000001":          "https://127.0.0.1/",
		"https://1.2.3.010":           "https://1.2.3.8/",
		"https://+0":                  "https://+0/",
		"https://[2001:DB8::0001]":    "https://[2001:db8::1]/",
		"https://u:p@example.com:443": "https://u:p@example.com/",
		"https://example.com:8443?a":  "https://example.com:8443/?a",
		"https://example.com/\x00a":   "https://example.com/%00a",
		"https://example.com..":       "https://example.com../",
	} {
		if got, why := readURL(t, given); got != want {
			t.Errorf("%q is %q (%s), want %q", given, got, why, want)
		}
	}
	const invalidName = "invalid international domain name"
	for given, want := range map[string]string{
		"":                        "input is empty",
		" ":                       "relative URL without a base",
		"\x00":                    "relative URL without a base",
		"example.com":             "relative URL without a base",
		"https://":                "empty host",
		"https://u@":              "empty host",
		"https://\u00ad":          "empty host",
		"https://a b.com":         invalidName,
		"https://a%00b.com":       invalidName,
		"https://a%zz.com":        invalidName,
		"https://xn--":            invalidName,
		"https://xn--a":           invalidName,
		"https://1א.com":          invalidName,
		"https://256.1.1.1":       "invalid IPv4 address",
		"https://1.2.3.4.5":       "invalid IPv4 address",
		"https://a.²":             "invalid IPv4 address",
		"https://[::1":            "invalid IPv6 address",
		"https://[::1%25eth0]":    "invalid IPv6 address",
		"https://a:x":             "invalid port number",
		"https://a:65536":         "invalid port number",
		"ftp://a:x":               "invalid port number",
		"ftp://example.com":       "URL scheme should be 'http' or 'https'",
		"javascript:alert(1)":     "URL scheme should be 'http' or 'https'",
		"mailto:ada@example.com":  "URL scheme should be 'http' or 'https'",
		"https://e/" + long(2074): "URL should have at most 2083 characters",
		"https://e/" + strings.Repeat("é", 1037): "URL should have at most 2083 characters", // the limit counts bytes
	} {
		if got, why := readURL(t, given); why != want {
			t.Errorf("%q is %q (%s), want %s", given, got, why, want)
		}
	}
}

func long(n int) string { return strings.Repeat("a", n) }
