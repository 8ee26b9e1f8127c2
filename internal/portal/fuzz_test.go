package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/postern-go/postern/internal/directory"
)

func FuzzLanguage(f *testing.F) {
	for _, seed := range []string{"", "de", "de-AT,de;q=0.5", "*", "x-klingon", "ja;q=2", "en-US-u-co-phonebk", strings.Repeat("a-", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, wish string) {
		if choose(wish) == nil {
			t.Errorf("choose(%q) is nil", wish)
		}
	})
}

// The texts in a memory are valid single lines, and a memory survives being stored and read.
func FuzzMemory(f *testing.F) {
	for _, seed := range []string{"", "email=ada%40example.com&sent=1790000000&next=team&note=ended&about=Ada", "next=//evil", "note=nothing", "email=%00", "%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		m := readMemory(value)
		for _, text := range []string{m.Email, m.About} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00") || len(text) > maxRemembered {
				t.Errorf("%q is remembered as %+v", value, m)
			}
		}
		if m.Next != "" && !navigable(m.Next) {
			t.Errorf("%q leads to %s", value, m.Next)
		}
		story := newStoryRequest(localizers()[0], "/acme/portal")
		story.memory = m
		story.saveMemory()
		set, err := http.ParseSetCookie(story.Exchange.Header().Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		again := readMemory(set.Value)
		if again != m {
			t.Errorf("%+v is remembered as %+v", m, again)
		}
	})
}

// What is remembered of where a customer came from is one line.
func FuzzReturnCookie(f *testing.F) {
	for _, seed := range []string{"", ".", "aHR0cHM6Ly9hcHAuZXhhbXBsZS5jb20v.abc", "AAAA.%00", "%zz.%zz", "Cg.%0A"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		to := readTarget(value)
		for _, text := range []string{to.url, to.state} {
			if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n\x00") || len(text) > maxTarget {
				t.Errorf("%q is remembered as %+v", value, to)
			}
		}
	})
}

// A portal path has a slug that is not reserved.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"/acme/portal", "/acme/portal/", "/v1/portal", "//portal", "/acme/portal/assets/x", "acme/portal", "/a/portal/../../v1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		slug, page, ok := directory.ParsePortalPath(path)
		if ok != Serves(path) {
			t.Errorf("Serves(%q) is %v", path, !ok)
		}
		if !ok {
			return
		}
		if slug == "" || slug == "v1" || strings.Contains(slug, "/") || strings.HasPrefix(page, "/") || strings.HasSuffix(page, "/") {
			t.Errorf("%q is %q of %q", path, page, slug)
		}
	})
}

// A link back has an http or https URL, and shows its host, or it opens an app.
func FuzzReturn(f *testing.F) {
	for _, seed := range []string{"https://app.example.com/x", "javascript:alert(1)", "//evil", "https://a@b", "http://[::1]:80/", "https:evil", " https://x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := newBackLink(text)
		if b == nil {
			return
		}
		u, err := url.Parse(string(b.URL))
		onWeb := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host == b.Host
		if err != nil || !onWeb && (!directory.IsAppAddress(u) || u.Scheme != b.Host) || u.User != nil {
			t.Errorf("%q leads to %+v", text, b)
		}
	})
}
