package polar

import (
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
	"strings"
)

// Polar's error responses have several forms:
//
//	{"error": "…", "detail": "…"}              application errors and body limits
//	{"error": "…", "error_description": "…"}   OAuth 2.0 (RFC 6749, section 5.2)
//	{"detail": "…"}                            unknown routes and wrong methods
//	{"error": "…", "detail": [{…}, …]}         validation errors
//	Internal Server Error                      crashes, as text/plain
//	(empty)                                    rate limits
//
// Proxies add forms of their own. Each of them becomes an Error.

// newError builds an Error from a response with status 400 or above to a request of the API version. Only the status decides which errors it matches.
func newError(op *operation, version string, resp *http.Response, body []byte, secrets []string) *Error {
	e := &Error{Operation: op.name, StatusCode: resp.StatusCode, Body: excerpt(body, secrets)}
	e.RetryAfter = retryAfter(resp.Header)
	e.Header, e.RequestID = redactHeader(resp.Header, secrets), redact(resp.Header.Get(requestIDHeader), secrets)
	if !e.parseJSON(body) && isText(resp.Header.Get("Content-Type")) {
		e.Message = strings.TrimSpace(strings.ToValidUTF8(e.Body, "\uFFFD"))
	}
	e.parseChallenge(resp.Header)
	if e.isUnknownVersion(resp.Header) {
		e.version = version
	}
	e.redact(secrets)
	e.hint = e.hintFor(op)
	return e
}

// parseJSON sets the fields that the body contains and ignores values of an unexpected type. It reports false if the
// body is not a JSON object.
func (e *Error) parseJSON(body []byte) bool {
	var p struct {
		Error       json.RawMessage `json:"error"`
		Description json.RawMessage `json:"error_description"`
		Detail      json.RawMessage `json:"detail"`
		Customers   json.RawMessage `json:"customers"`
	}
	if json.Unmarshal(body, &p) != nil {
		return false
	}
	e.Code = decodeString(p.Error)
	if e.Message = decodeString(p.Description); e.Message == "" {
		e.Message = decodeString(p.Detail)
	}
	for _, item := range decodeList(p.Customers) {
		var c CustomerSelectionOption
		if json.Unmarshal(item, &c) == nil && c.ID != "" {
			e.Customers = append(e.Customers, c)
		}
	}
	for _, item := range decodeList(p.Detail) {
		if f, ok := parseField(item); ok {
			e.Fields = append(e.Fields, f)
		}
	}
	return true
}

// decodeList returns the elements of a JSON list, or nil if raw is not a list.
func decodeList(raw json.RawMessage) (list []json.RawMessage) {
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

func parseField(item []byte) (f FieldError, ok bool) {
	var p struct {
		Type json.RawMessage `json:"type"`
		Loc  json.RawMessage `json:"loc"`
		Msg  json.RawMessage `json:"msg"`
	}
	if json.Unmarshal(item, &p) != nil {
		return f, false
	}
	f.Type, f.Msg = decodeString(p.Type), decodeString(p.Msg)
	var parts []any
	_ = json.Unmarshal(p.Loc, &parts) // Loc stays empty if it is not a list
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			f.Loc = append(f.Loc, part)
		case float64:
			f.Loc = append(f.Loc, int(part))
		}
	}
	return f, f.Type != "" || f.Msg != "" || f.Loc != nil
}

// decodeString returns the value of a JSON string, or "" if raw is not a string.
func decodeString(raw json.RawMessage) (s string) {
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// challengeParam matches a parameter of WWW-Authenticate, name="value" (RFC 9110, section 11.6.1).
var challengeParam = regexp.MustCompile(`([A-Za-z_]+)="((?:[^"\\]|\\.)*)"`)

// parseChallenge reads the scopes from WWW-Authenticate (RFC 6750, section 3). If the body contained no code and message,
// parseChallenge reads these too.
func (e *Error) parseChallenge(h http.Header) {
	if e.StatusCode != http.StatusUnauthorized && e.StatusCode != http.StatusForbidden {
		return
	}
	bodyless := e.Code == "" && e.Message == ""
	for _, match := range challengeParam.FindAllStringSubmatch(strings.Join(h.Values("WWW-Authenticate"), ", "), -1) {
		switch name, value := strings.ToLower(match[1]), match[2]; {
		case name == "error" && bodyless:
			e.Code = value
		case name == "error_description" && bodyless:
			e.Message = value
		case name == "scope":
			for _, s := range strings.Fields(value) {
				e.Scopes = append(e.Scopes, Scope(s))
			}
		}
	}
}

// redact removes the request's secrets from all fields of the error.
func (e *Error) redact(secrets []string) {
	e.Code, e.Message = redact(e.Code, secrets), redact(e.Message, secrets)
	for i := range e.Customers {
		c := &e.Customers[i]
		if c.ID = CustomerID(redact(string(c.ID), secrets)); c.Name != nil {
			*c.Name = redact(*c.Name, secrets)
		}
	}
	for i, s := range e.Scopes {
		e.Scopes[i] = Scope(redact(string(s), secrets))
	}
	for i := range e.Fields {
		f := &e.Fields[i]
		f.Type, f.Msg = redact(f.Type, secrets), redact(f.Msg, secrets)
		for j, part := range f.Loc {
			if s, ok := part.(string); ok {
				f.Loc[j] = redact(s, secrets)
			}
		}
	}
}

// excerpt returns the beginning of a body without secrets, at most maxErrorBody bytes.
func excerpt(body []byte, secrets []string) string {
	s := redact(string(body), secrets)
	for _, secret := range secrets { // the body may end in the middle of a secret
		for n := min(len(secret)-1, len(s)); n >= 6; n-- {
			if strings.HasSuffix(s, secret[:n]) {
				s = s[:len(s)-n] + redacted
				break
			}
		}
	}
	return s[:min(len(s), maxErrorBody)]
}

func isText(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "text/plain"
}
