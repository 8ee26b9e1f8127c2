package polar

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redacted stands where a secret was.
const redacted = "[redacted]"

// harmless are the headers whose values may be shown. Any other may hold a secret that a gateway asked for.
var publicHeaders = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Content-Type", "Idempotency-Key", "Last-Event-Id", "Polar-Version", "User-Agent",
}

// hidden is what of a query or a body should not show, in each form in which a request has it.
func encodedForms(secrets []string) []string {
	var all []string
	for _, s := range secrets {
		quoted, _ := encodeJSON(s) // a string always can be
		all = append(all, s, url.QueryEscape(s), string(quoted[1:len(quoted)-1]))
	}
	return all
}

// secrets are the values of a request's headers that nobody should see, the token that was behind "Bearer", and what else is to
// be hidden: as worthHiding has them.
func requestSecrets(req *http.Request, hide []string) []string {
	found := slices.Clone(hide)
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

// worthHiding is the list in the order in which to look for them.
func sortSecrets(found []string) []string {
	// Too short a value is a switch, not a secret, and would take words apart.
	found = slices.DeleteFunc(found, func(s string) bool { return len(s) < 6 })
	// The longer first: a secret may begin like another one.
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return found
}

// redact takes the secrets, as worthHiding has them, out of a text, and whatever else looks like a token of Polar's: an answer may hold one that
// was not in the request.
func redact(s string, secrets []string) string {
	pairs := make([]string, 0, 2*len(secrets))
	for _, secret := range secrets {
		pairs = append(pairs, secret, redacted)
	}
	return redactTokens(strings.NewReplacer(pairs...).Replace(s))
}

// redactTokens leaves of polar_cst_… its prefix.
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
		last := strings.LastIndexByte(s[i:end], '_') + 1 // the prefix ends with it
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

// line makes a text from outside fit for one line of a log: no control characters, and an end.
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
