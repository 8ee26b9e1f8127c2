package directory_test

import (
	"net/url"
	"testing"

	"github.com/postern-go/postern/internal/directory"
)

// Return hosts can also be IPv6 addresses, URLs and the schemes of apps.
func TestReturnTargetsAreMatched(t *testing.T) {
	p := directory.PortalSettings{
		ReturnHosts:      []string{"[::1]:3000", "[2001:db8::1]", "https://example.com/account", "https://example.org", "myapp://", "com.example.app://"},
		ApplicationHosts: []string{"app.example.net"},
	}
	for address, want := range map[string]bool{
		"http://[::1]:3000/a":                    true,
		"http://[0:0:0:0:0:0:0:1]:3000/a":        true,
		"https://[2001:DB8::1]/":                 true,
		"https://example.com/account":            true,
		"https://EXAMPLE.com/account/a?b#c":      true,
		"https://example.com:443/account?x":      true,
		"https://example.org":                    true,
		"https://example.org/a":                  true,
		"https://app.example.net/a":              true,
		"myapp://account?a=b":                    true,
		"com.example.app://callback/a":           true,
		"MYAPP://account":                        true,
		"http://[::1]/a":                         false,
		"http://[::2]:3000/a":                    false,
		"http://[2001:db8::1]:3000/":             false,
		"http://example.com/account":             false,
		"https://example.com/accounts":           false,
		"https://example.com/":                   false,
		"https://example.com/account/../admin":   false,
		"https://example.com/account/%2e%2E/a":   false,
		"https://example.com/account/.%2e/admin": false,
		"https://example.com:8443/account":       false,
		"otherapp://account":                     false,
		"myapp:account":                          false,
		"myapp:///account":                       false,
		"myapp://ada@account":                    false,
		"javascript://account":                   false,
		"intent://account":                       false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.AllowsReturn(u); got != want {
			t.Errorf("%s is allowed: %v", address, got)
		}
	}
	if (directory.PortalSettings{}).CheckReturn("myapp://account") == nil {
		t.Error("an app is allowed although no setting names it")
	}
}

// A ticket goes only to the callback of a listed host, and over https.
func TestCallbacks(t *testing.T) {
	p := directory.PortalSettings{ReturnHosts: []string{"shop.example.com", "*.example.org"}, ApplicationHosts: []string{"app.example.com", "localhost:3000", "[::1]:3000"}}
	for address, want := range map[string]bool{
		"https://app.example.com/.postern/callback":       true,
		"https://APP.example.com:443/a/.postern/callback": true,
		"http://localhost:3000/.postern/callback":         true,
		"http://[::1]:3000/.postern/callback":             true,
		"http://app.example.com/.postern/callback":        false,
		"https://app.example.com/":                        false,
		"https://app.example.com/.postern/callback?a=b":   false,
		"https://app.example.com/.postern/callback?":      false,
		"https://app.example.com/.postern/callback#a":     false,
		"https://app.example.com/.postern%2Fcallback":     false,
		"https://app.example.com:8443/.postern/callback":  false,
		"https://a@app.example.com/.postern/callback":     false,
		"https://shop.example.com/.postern/callback":      false,
		"https://a.example.org/.postern/callback":         false,
		"myapp://a/.postern/callback":                     false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.IsCallback(u, true); got != want {
			t.Errorf("%s is a callback: %v", address, got)
		}
	}
	if u, _ := url.Parse("http://app.example.com/.postern/callback"); !p.IsCallback(u, false) {
		t.Error("a server on plain http allows no plain http")
	}
}

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
