package wiretest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/internal/token"
)

// mutator changes requests at random. The same seed gives the same changes.
type mutator struct {
	*rand.Rand
	own, other *fixture
}

// mutations are the kinds of changes. A change that does not fit a request does nothing.
var mutations = []func(m *mutator, r *request){
	(*mutator).bytesOfBody, (*mutator).bytesOfBody, (*mutator).jsonValue, (*mutator).jsonValue, (*mutator).jsonValue,
	(*mutator).jsonName, (*mutator).duplicateName, (*mutator).frame, (*mutator).truncate, (*mutator).wholeBody,
	(*mutator).contentType, (*mutator).contentLength, (*mutator).credential, (*mutator).credential, (*mutator).oddHeader,
	(*mutator).oddHeader, (*mutator).oddPath, (*mutator).oddPath, (*mutator).segment, (*mutator).segment, (*mutator).parameter,
	(*mutator).parameter, (*mutator).manyParameters, (*mutator).oddMethod, (*mutator).bytesOfTarget, (*mutator).foreign,
}

// mutate applies one or more changes to a request.
func (m *mutator) mutate(r *request) {
	for {
		mutations[m.IntN(len(mutations))](m, r)
		if m.IntN(3) > 0 {
			return
		}
	}
}

func pick[T any](m *mutator, from []T) T { return from[m.IntN(len(from))] }

// setBody replaces the body and, if it was right, Content-Length.
func (r *request) setBody(body string) {
	if r.length == strconv.Itoa(len(r.body)) {
		r.length = strconv.Itoa(len(body))
	}
	r.body = body
}

// scramble flips, inserts, removes or repeats bytes.
func (m *mutator) scramble(text string) string {
	if text == "" {
		return string(rune(m.IntN(256)))
	}
	at := m.IntN(len(text))
	end := at + m.IntN(len(text)-at+1)
	switch m.IntN(5) {
	case 0:
		b := []byte(text)
		b[at] ^= 1 << m.IntN(8)
		return string(b)
	case 1:
		return text[:at] + string([]byte{byte(m.IntN(256))}) + text[at:]
	case 2:
		return text[:at] + text[end:]
	case 3:
		return text[:end] + text[at:]
	}
	return text[:at] + pick(m, []string{"\x00", "\xff", "\xed\xa0\x80", "\xc0\xaf", "\r\n", "\u2028", "\ufeff", "{", "\"", "\\"}) + text[at:]
}

func (m *mutator) bytesOfBody(r *request) {
	if r.body != "" {
		r.setBody(m.scramble(r.body))
	}
}

func (m *mutator) bytesOfTarget(r *request) { r.path = m.scramble(r.path) }

// junk returns an unusual or malformed JSON value.
func (m *mutator) junk() string {
	long := func(s string, most int) string { return `"` + strings.Repeat(s, 1+m.IntN(most)) + `"` }
	switch m.IntN(8) {
	case 0:
		return long(pick(m, []string{"a", "é", "\U0001f600", "<", "\\u0000", "%", "@", "a@"}), pick(m, []int{40, 300, 3000, 60_000}))
	case 1:
		depth := pick(m, []int{10, 199, 200, 201, 1000, 100_000})
		return strings.Repeat(pick(m, []string{"[", `{"a":`}), depth)
	case 2:
		depth := 1 + m.IntN(250)
		return strings.Repeat("[", depth) + strings.Repeat("]", depth)
	case 3:
		return pick(m, []string{"", "-"}) + strings.Repeat(strconv.Itoa(1+m.IntN(9)), 1+m.IntN(400)) + pick(m, []string{"", ".5", "e3", "e999", "E-999"})
	}
	return pick(m, []string{
		`null`, `true`, `false`, `0`, `-0`, `-1`, `1e400`, `-1e309`, `1e308`, `5e-324`, `NaN`, `Infinity`, `-Infinity`, `01`, `.5`, `1.`, `0x10`, `1_000`,
		`9223372036854775807`, `9223372036854775808`, `-9223372036854775809`, `[]`, `{}`, `[null]`, `[[]]`, `{"":""}`, `{"a":1,"a":2}`, `{"$ne":null}`,
		`""`, `" "`, `"\u0000"`, `"a\u0000b"`, `"\ud800"`, `"\udc00\ud800"`, `"\ud83d\ude00"`, `"\uFFFF"`, `"\x41"`, "\"\x01\"", "\"\xff\"", `"unended`, `'a'`,
		`"' OR 1=1 --"`, `"%"`, `"_"`, `"../../etc/passwd"`, `"<script>alert(1)</script>"`, `"\u202egnp"`, `"\r\nX: y"`, `"javascript:alert(1)"`, `"http://[::1"`,
		`"http://a b/"`, `"file:///etc/passwd"`, `"https://user:pass@example.com/"`, `"a@b"`, `"a@b@c"`, `"@"`, `"a@example.com\n"`, `"\"a b\"@example.com"`,
		`"ſ@example.com"`, `"a@xn--a"`, `"00000000-0000-4000-8000-000000000000"`, `"ffffffff-ffff-4fff-bfff-ffffffffffff"`, `"urn:uuid:00000000-0000-4000-8000-000000000000"`,
		`"00000000-0000-1000-8000-000000000000"`, `"P99999999999Y"`, `"-PT1S"`, `"PT0S"`, `1e17`, `"owner"`, `"team"`, `"DE"`, `"XX"`, `"de"`, `undefined`, `//`, `/**/1`,
	})
}

// jsonValue replaces a random value in the body.
func (m *mutator) jsonValue(r *request) {
	const hole = "\"hole-in-the-body\""
	var tree any
	if json.Unmarshal([]byte(r.body), &tree) != nil {
		return
	}
	text, err := json.Marshal(m.dig(tree, strings.Trim(hole, `"`)))
	if err == nil {
		r.setBody(strings.Replace(string(text), hole, m.junk(), 1))
	}
}

// dig replaces a random value within tree by value.
func (m *mutator) dig(tree any, value string) any {
	if object, ok := tree.(map[string]any); ok && len(object) > 0 && m.IntN(8) > 0 {
		name := m.name(object)
		object[name] = m.dig(object[name], value)
		return object
	}
	if list, ok := tree.([]any); ok && len(list) > 0 && m.IntN(4) > 0 {
		at := m.IntN(len(list))
		list[at] = m.dig(list[at], value)
		return list
	}
	return value
}

// name returns a random name of an object. It sorts them first, because the order of a map is not reproducible.
func (m *mutator) name(object map[string]any) string {
	var names []string
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return pick(m, names)
}

// jsonName removes or renames a field of the body.
func (m *mutator) jsonName(r *request) {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(r.body), &object) != nil || len(object) == 0 {
		return
	}
	names := map[string]any{}
	for name := range object {
		names[name] = nil
	}
	if old := m.name(names); m.IntN(2) == 0 {
		delete(object, old)
	} else {
		object[pick(m, []string{"", "\x00", "__proto__", "id", "role", "generation", "email_verified", "deleted_at", "scopes", "token", strings.Repeat("n", 5000)})] = object[old]
	}
	if text, err := json.Marshal(object); err == nil {
		r.setBody(string(text))
	}
}

func (m *mutator) duplicateName(r *request) {
	if rest, ok := strings.CutPrefix(r.body, `{"`); ok {
		name, _, _ := strings.Cut(rest, `"`)
		r.setBody(`{"` + name + `":` + m.junk() + `,"` + rest)
	}
}

// frame adds text before or after the body.
func (m *mutator) frame(r *request) {
	more := pick(m, []string{"\ufeff", " ", "\n\n", "\x00", "null", "{}", "//", "\xff\xfe", ",", strings.Repeat(" ", 70_000)})
	if m.IntN(2) == 0 {
		r.setBody(more + r.body)
	} else {
		r.setBody(r.body + more)
	}
}

func (m *mutator) truncate(r *request) {
	if r.body == "" {
		return
	}
	body := r.body[:m.IntN(len(r.body))]
	if m.IntN(2) == 0 {
		r.setBody(body)
		return
	}
	r.body, r.short = body, true // Content-Length stays too great
}

func (m *mutator) wholeBody(r *request) {
	if r.length == "" {
		r.length = "0"
	}
	r.setBody(m.junk())
}

func (m *mutator) contentType(r *request) {
	r.set("Content-Type", pick(m, []string{
		"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/jsonp",
		"application/problem+json", "APPLICATION/JSON", "application/json;", "application/json; a=\"", ";", "/", strings.Repeat("a", 5000), "application/json\x01",
	}))
}

func (m *mutator) contentLength(r *request) {
	switch n := len(r.body); m.IntN(6) {
	case 0:
		r.length = ""
	case 1:
		r.length = pick(m, []string{"-1", "abc", "1e3", "0x10", " ", "18446744073709551617", "9223372036854775808", "+5", "5, 5", "5, 6"})
	case 2:
		r.length, r.short = strconv.Itoa(n+1+m.IntN(100_000)), true
	case 3:
		r.length, r.short = pick(m, []string{"10485760", "10485761", "9223372036854775807"}), true
	case 4:
		r.length = strconv.Itoa(m.IntN(n + 1))
	case 5:
		r.headers = append(r.headers, header{"Transfer-Encoding", pick(m, []string{"chunked", "gzip", "chunked, chunked", "identity", "\x0bchunked"})})
		r.short = true
	}
}

func (m *mutator) credential(r *request) {
	t := pick(m, m.own.tokens())
	switch m.IntN(9) {
	case 0:
		t = t[:m.IntN(len(t))]
	case 1:
		at := 10 + m.IntN(len(t)-11)
		t = t[:at] + t[at+1:at+2] + t[at:at+1] + t[at+2:]
	case 2:
		t = m.scramble(t)
	case 3: // a well-formed token with the key of a live token
		if real, err := token.Check(pick(m, append(m.own.tokens(), m.other.tokens()...))); err == nil {
			t = token.Mint(pick(m, []token.Kind{token.Customer, token.Member, token.Organization, token.EmailChange, token.Ticket}), real.Key()).Reveal()
		}
	case 4: // another prefix for the same secret
		t = pick(m, []string{"polar_cst_", "polar_mst_", "polar_oat_", "polar_cev_", "polar_cpt_", "polar_pat_", "polar_crt_"}) + t[10:]
	case 5:
		r.headers = append(r.headers, header{"Authorization", "Bearer " + t})
		return
	case 6:
		r.drop("Authorization")
		return
	}
	r.set("Authorization", pick(m, []string{"Bearer ", "Bearer ", "Bearer ", "bearer  ", "Basic ", "", "Bearer\t"})+t)
}

func (m *mutator) oddHeader(r *request) {
	random := func(n int) string { return strings.Repeat(string(rune('a'+m.IntN(26))), n) }
	switch m.IntN(4) {
	case 0:
		for range 1 + m.IntN(150) {
			r.headers = append(r.headers, header{"X-" + random(1+m.IntN(8)), random(m.IntN(100))})
		}
		return
	case 1:
		if m.IntN(20) == 0 {
			r.headers = append(r.headers, header{"X-Long", random(1_200_000)})
			return
		}
	}
	r.set(pick(m, []string{"Polar-Version", "Polar-Organization", "Origin", "Host", "X-Forwarded-For", "X-Forwarded-Host", "X-HTTP-Method-Override", "Accept", "Cookie",
		"Expect", "Connection", "Access-Control-Request-Method", "Access-Control-Request-Headers", "Content-Encoding", "Range", "If-None-Match", "Idempotency-Key", "X-Original-URL", "Forwarded"}),
		pick(m, []string{"", "x", "2026-10", "2025-01", "*", "null", "DELETE", "/healthz", "127.0.0.1", "::1, 10.0.0.1", "a b", "a\x00b", "\xff", "é", "bytes=0-1", "gzip",
			"100-continue", "keep-alive, Upgrade", "application/xml", m.other.org, m.own.org, strings.ToUpper(m.own.org), "evil.example", "a\r\n b", "portal.example.com:99999"}))
}

func (m *mutator) oddMethod(r *request) {
	r.method = pick(m, []string{"HEAD", "OPTIONS", "PUT", "TRACE", "CONNECT", "get", "PROPFIND", "GET", "POST", "PATCH", "DELETE", "G\x00T", "", "A(B", strings.Repeat("M", 3000)})
}

func (m *mutator) oddPath(r *request) {
	switch m.IntN(7) {
	case 0:
		r.path += "/"
	case 1:
		r.path = strings.TrimSuffix(r.path, "/")
	case 2:
		r.path = "/api" + r.path
	case 3:
		r.path = "http://evil.example" + r.path
	case 4:
		r.path = pick(m, []string{"*", "/", "", "//", "/..", "/v1", "/v1/", "/v1/customers/external/", "?", "#", "/%", "/v1/%2e%2e/healthz", "/docs/../v1/customers/", "\x7f"})
	case 5:
		at := 1 + m.IntN(len(r.path)+1) - 1
		r.path = r.path[:at] + pick(m, []string{"%", "%zz", "%00", "%ff", "%2f", "%2F..%2f", "%c0%af", "%u0041", "/", "//", ";a=b", "\\", "é", "\x01", "\t", "+"}) + r.path[at:]
	case 6:
		r.path += strings.Repeat("/a", 1+m.IntN(5000))
	}
}

// oddTexts are unusual values of path segments and query parameters.
var oddTexts = []string{
	"", "0", "-1", "1.0", "1_0", "+1", "%20", "NaN", "1e3", "99999999999999999999", "2147483648", "9223372036854775808", "null", "true", "yes", "%", "%%", "%zz", "%00", "a%00b", "%ff",
	"%ed%a0%80", "%c3%a9", "é", "'", "%27%20OR%201=1--", "%25", "_", "!", "[]", "{}", "..", ".", "%2e%2e", "me", "external", "members", "a;b", "a&b=c", "a=b", "-", "--email", "-created_at",
	"created_at", "email", "name", "organization_id", "last_used_at", "owner", "00000000-0000-4000-8000-000000000000", "00000000-0000-1000-8000-000000000000", "{00000000-0000-4000-8000-000000000000}",
	"urn%3Auuid%3A00000000-0000-4000-8000-000000000000", "\x01", "%0d%0aX:%20y", "1%09", "%F0%9F%98%80",
}

func (m *mutator) oddText() string {
	switch m.IntN(8) {
	case 0:
		return strings.Repeat(pick(m, []string{"a", "9", "%", "%25", "%00", "%F0%9F%98%80"}), 1+m.IntN(pick(m, []int{30, 5000, 60_000})))
	case 1:
		return pick(m, m.own.tokens())
	}
	return pick(m, oddTexts)
}

// segment replaces one segment of the path.
func (m *mutator) segment(r *request) {
	segments := strings.Split(r.path, "/")
	segments[m.IntN(len(segments))] = m.oddText()
	r.path = strings.Join(segments, "/")
}

func (m *mutator) parameter(r *request) {
	name := pick(m, []string{"", "page", "limit", "sorting", "query", "email", "organization_id", "customer_id", "external_customer_id", "role", "slug", "anonymize", "active", "token", "metadata[a]",
		"metadata[", "metadata[]", "metadata[\x00]", "metadata[plan][x]", "metadata[\"$.a'\"]"})
	if len(r.query) > 0 && m.IntN(2) == 0 {
		r.query[m.IntN(len(r.query))].value = m.oddText()
		return
	}
	r.query = append(r.query, header{name, m.oddText()})
}

func (m *mutator) manyParameters(r *request) {
	name, value := pick(m, []string{"metadata[a]", "metadata[%d]", "sorting", "organization_id", "x%d"}), pick(m, []string{"a", "name", "-email", m.own.org})
	for n := range 1 + m.IntN(4000) {
		name := name
		if strings.Contains(name, "%d") {
			name = fmt.Sprintf(name, n)
		}
		r.query = append(r.query, header{name, value})
	}
}

// foreign replaces IDs by those of the other organization.
func (m *mutator) foreign(r *request) {
	o := m.other
	for _, swap := range [][2]string{
		{m.own.team.ID, pick(m, []string{o.team.ID, o.person.ID})}, {m.own.member.ID, o.member.ID}, {m.own.accessToken.ID, o.accessToken.ID},
		{*m.own.team.ExternalID, *o.team.ExternalID}, {*m.own.member.ExternalID, *o.member.ExternalID}, {m.own.person.ID, o.person.ID}, {m.own.slug, o.slug},
	} {
		if m.IntN(2) == 0 {
			r.path = strings.ReplaceAll(r.path, swap[0], swap[1])
			r.setBody(strings.ReplaceAll(r.body, swap[0], swap[1]))
			for i := range r.query {
				r.query[i].value = strings.ReplaceAll(r.query[i].value, swap[0], swap[1])
			}
		}
	}
	if m.IntN(4) == 0 {
		for i := range r.query {
			r.query[i].value = strings.ReplaceAll(r.query[i].value, m.own.org, o.org)
		}
	}
}
