package directory_test

import (
	"net/url"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

func TestReturnHostsAreMatched(t *testing.T) {
	p := directory.PortalSettings{ReturnHosts: []string{"app.example.com", "*.example.org", "localhost:3000", "plain.example:80"}}
	for address, want := range map[string]bool{
		"https://app.example.com":               true,
		"http://app.example.com/a?b=c#d":        true,
		"https://APP.Example.COM/":              true,
		"https://app.example.com:443/":          true,
		"https://a.example.org/":                true,
		"https://a.b.example.org/":              true,
		"http://localhost:3000/":                true,
		"http://plain.example/":                 true,
		"https://app.example.com:80/":           false,
		"https://app.example.com:8443/":         false,
		"https://plain.example/":                false,
		"http://localhost/":                     false,
		"https://example.org/":                  false,
		"https://.example.org/":                 false,
		"https://badexample.org/":               false,
		"https://example.com/":                  false,
		"https://app.example.com.evil.example/": false,
		"https://app.example.com./":             false,
		"https://evil.example/app.example.com":  false,
		"https://evil.example?.example.org":     false,
		"https://evil.example#.example.org":     false,
		"https://app.example.com@evil.example/": false,
		"https://ada@app.example.com/":          false,
		"https://@app.example.com/":             false,
		"https://evil\uFF0F.example.org/":       false,
		"https://evil%EF%BC%8F.example.org/":    false,
		"//app.example.com/":                    false,
		"/app.example.com":                      false,
		"app.example.com":                       false,
		"https:app.example.com":                 false,
		"https:///app.example.com":              false,
		"javascript://app.example.com/%0aalert": false,
		"ftp://app.example.com/":                false,
		"":                                      false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := p.AllowsReturn(u); got != want {
			t.Errorf("%s is allowed: %v", address, got)
		}
		if got := p.CheckReturn(address) == nil; got != (want || address == "") {
			t.Errorf("%s of a session is allowed: %v", address, got)
		}
		if none := (directory.PortalSettings{}); none.AllowsReturn(u) || none.CheckReturn(address) != nil {
			t.Errorf("%s without any hosts: a page may lead there, or an organization may not", address)
		}
	}
	if p.AllowsReturn(nil) {
		t.Error("nowhere is allowed")
	}
	// Go's URL parser rejects these addresses, but a browser might follow them.
	for _, address := range []string{`https://evil.example\@app.example.com/`, `https://app.example.com\.evil.example/`, "https://app.example.com\t.evil.example/", "https://app.example.com:x/"} {
		if p.CheckReturn(address) == nil {
			t.Errorf("%q is allowed", address)
		}
	}
}
