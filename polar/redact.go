package polar

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redacted replaces a secret in a text.
const redacted = "[redacted]"

// publicHeaders are the request headers whose values are not secret. Any other header may hold a credential, for
// example for a gateway.
var publicHeaders = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Idempotency-Key", "Last-Event-Id", "Polar-Organization", "Polar-Version", "User-Agent",
}

// encodedForms returns each secret in every form in which a request can contain it: plain, URL-encoded, and as part of a JSON
// string.
func encodedForms(secrets []string) []string {
	var all []string
	for _, s := range secrets {
		quoted, _ := encodeJSON(s) // encoding a string cannot fail
		all = append(all, s, url.QueryEscape(s), string(quoted[1:len(quoted)-1]))
	}
	return all
}

// requestSecrets returns the secrets of a request: the values in sensitive, all values of headers that are not public,
// and the credentials after the scheme of a header such as Authorization. The result is ordered for redact.
func requestSecrets(req *http.Request, sensitive []string) []string {
	found := slices.Clone(sensitive)
	for name, values := range req.Header {
		if slices.Contains(publicHeaders, name) {
			continue
		}
		for _, v := range values {
			_, credentials, _ := strings.Cut(v, " ")
			found = append(found, v, credentials)
		}
	}
	return sortSecrets(found)
}

// sortSecrets removes values that are too short to be secrets, and sorts the others in the order that redact needs.
func sortSecrets(found []string) []string {
	// Short values are flags rather than secrets. Replacing them would damage unrelated words.
	found = slices.DeleteFunc(found, func(s string) bool { return len(s) < 6 })
	// Longer secrets come first, because one secret can be the prefix of another.
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// redact replaces the secrets in s, which sortSecrets has ordered. It also replaces everything that looks like a token
// of Polar, because a response can contain tokens that were not in the request.
func redact(s string, secrets []string) string {
	pairs := make([]string, 0, 2*len(secrets))
	for _, secret := range secrets {
		pairs = append(pairs, secret, redacted)
	}
	return redactTokens(strings.NewReplacer(pairs...).Replace(s))
}

// redactTokens replaces tokens of Polar, except for their prefix such as polar_cst_.
func redactTokens(s string) string {
	const mark, shortest = "polar_", 20
	var b strings.Builder
	for {
		i := strings.Index(s, mark)
		if i < 0 {
			break
		}
		end := i + len(mark)
		for end < len(s) && isWordByte(s[end]) {
			end++
		}
		last := strings.LastIndexByte(s[i:end], '_') + 1 // the prefix ends with the last underscore
		if end-i-last < shortest {
			b.WriteString(s[:end])
		} else {
			b.WriteString(s[:i+last] + redacted)
		}
		s = s[end:]
	}
	if b.Len() == 0 {
		return s
	}
	return b.String() + s
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// oneLine makes a text of unknown origin safe for one line of a log: it replaces control characters with spaces and cuts the
// text to limit bytes.
func oneLine(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return strings.TrimSpace(s)
}
