package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/web"
	"github.com/postern-go/postern/internal/wirejson"
)

// dialect is one of the formats of Polar's errors. Polar's clients parse all of them.
type dialect int

const (
	// named is {"error":"ClassName","detail":"message"}.
	named dialect = iota
	// oauth is the format of RFC 6750, with the spacing of Python's json.dumps.
	oauth
	// terse is {"error":"code"} of RFC 6749, section 5.2.
	terse
	// bare is {"detail":"message"}.
	bare
	// items is {"error":"ClassName","detail":[…]} with an item for each invalid field.
	items
	// edge is the format named with the spacing of Python's json.dumps and without caching headers.
	edge
	// empty has no body and no Content-Type.
	empty
	// crash is a plain text without details.
	crash
)

// answers maps the code of a fault to its response. For every other code, the response is a crash.
var answers = map[fault.Code]struct {
	status  int
	dialect dialect
	class   string
}{
	fault.Internal:           {http.StatusInternalServerError, crash, "Internal Server Error"},
	fault.Unavailable:        {http.StatusServiceUnavailable, named, "ServiceUnavailable"},
	fault.Unauthenticated:    {http.StatusUnauthorized, named, "Unauthorized"},
	fault.InvalidToken:       {http.StatusUnauthorized, oauth, "invalid_token"},
	fault.InsufficientScope:  {http.StatusForbidden, oauth, "insufficient_scope"},
	fault.InvalidClient:      {http.StatusUnauthorized, terse, "invalid_client"},
	fault.InvalidForm:        {http.StatusBadRequest, terse, "invalid_request"},
	fault.NotPermitted:       {http.StatusForbidden, named, "NotPermitted"},
	fault.SessionNotFresh:    {http.StatusForbidden, named, "SessionNotFresh"},
	fault.NotFound:           {http.StatusNotFound, named, "ResourceNotFound"},
	fault.NoRoute:            {http.StatusNotFound, bare, ""},
	fault.WrongMethod:        {http.StatusMethodNotAllowed, bare, ""},
	fault.Malformed:          {http.StatusBadRequest, bare, ""},
	fault.InvalidRequest:     {http.StatusUnprocessableEntity, items, "RequestValidationError"},
	fault.RuleViolated:       {http.StatusUnprocessableEntity, items, "PolarRequestValidationError"},
	fault.LengthRequired:     {http.StatusLengthRequired, edge, "LengthRequired"},
	fault.TooLarge:           {http.StatusRequestEntityTooLarge, edge, "RequestBodyTooLarge"},
	fault.InvalidCode:        {http.StatusUnauthorized, named, "CustomerSessionCodeInvalidOrExpired"},
	fault.InvalidEmailUpdate: {http.StatusUnauthorized, named, "InvalidCustomerEmailUpdate"},
	fault.UnknownKey:         {http.StatusBadRequest, named, "PublicKeyNotFound"},
	fault.BadSignature:       {http.StatusForbidden, named, "InvalidSignature"},
	fault.Conflict:           {http.StatusConflict, named, "Conflict"},
	fault.QuotaExceeded:      {http.StatusForbidden, named, "QuotaExceeded"},
	fault.BadRequest:         {http.StatusBadRequest, named, "BadRequest"},
	fault.CustomerNotReady:   {http.StatusForbidden, named, "CustomerNotReady"},
	fault.NotImplemented:     {http.StatusNotImplemented, named, "NotImplemented"},
	fault.Busy:               {http.StatusTooManyRequests, named, "TooManyConcurrentRequests"},
	fault.TooMany:            {http.StatusTooManyRequests, empty, ""},
}

const realm = `Bearer realm="polar"`

var descriptions = map[fault.Code]string{
	fault.InvalidToken:      "The access token provided is expired, revoked, malformed, or invalid for other reasons.",
	fault.InsufficientScope: "The request requires higher privileges than provided by the access token.",
}

// problem answers with an error. The response to a fault contains the fault's public message. The response to any other error
// contains only the id of the request.
func (d Deps) problem(x *web.Exchange, r *http.Request, err error) {
	x.Cause = err
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		err = errClientGone.Because(err) // the client does not read the response
		x.Cause = err
	}
	code := fault.CodeOf(err)
	a, known := answers[code]
	if !known {
		a, code = answers[fault.Internal], fault.Internal
	}
	f, _ := errors.AsType[*fault.Error](err)
	h := x.Header()
	contentType := "application/json"
	var body []byte
	switch a.dialect {
	case named:
		body = appendNamed(nil, a.class, f.Message)
	case terse:
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache")
		body = []byte(`{"error":"` + a.class + `"}`)
	case bare:
		body = append(wirejson.AppendString([]byte(`{"detail":`), f.Message), '}')
	case items:
		body = appendItems(nil, a.class, d.ordered(f.Fields))
	case oauth:
		h.Set("Www-Authenticate", challenge(a.class, code, f.Scopes))
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache")
		body = []byte(`{"error": "` + a.class + `", "error_description": "` + descriptions[code] + `"}`)
	case edge:
		h.Del("Cache-Control")
		x.CloseAfterward() // the server has not read the body
		body = []byte(`{"error": "` + a.class + `", "detail": "` + f.Message + `"}`)
	case empty:
		h.Set("Retry-After", seconds(f.RetryAfter))
		h.Set("Content-Length", "0")
		x.WriteHeader(a.status)
		return
	case crash:
		contentType, body = "text/plain; charset=utf-8", []byte(a.class)
	}
	switch code {
	case fault.Unauthenticated:
		h.Set("Www-Authenticate", realm)
	case fault.InvalidClient:
		h["Www-Authenticate"] = []string{realm, `Basic realm="polar"`}
	case fault.Unavailable:
		h.Set("Retry-After", "1")
	case fault.Busy:
		h.Set("Retry-After", seconds(f.RetryAfter))
	}
	h.Set("Content-Type", contentType)
	x.Send(a.status, body)
}

// ordered returns the validation errors in the order of the answer: those about shapes that the caller did not mean come last. In
// strict mode, it is the order of the shapes, as on Polar.
func (d Deps) ordered(fields []fault.Field) []fault.Field {
	if d.StrictPolar {
		return fields
	}
	unmeant := func(f fault.Field) int {
		if f.Unmeant {
			return 1
		}
		return 0
	}
	return slices.SortedStableFunc(slices.Values(fields), func(a, b fault.Field) int { return unmeant(a) - unmeant(b) })
}

// seconds returns a duration in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// challenge returns the header WWW-Authenticate of RFC 6750, section 3, with its attributes in Polar's order.
func challenge(class string, code fault.Code, scopes []string) string {
	c := realm
	if len(scopes) > 0 {
		c += `, scope="` + strings.Join(scopes, " ") + `"`
	}
	return c + `, error="` + class + `", error_description="` + descriptions[code] + `"`
}

func appendNamed(b []byte, class, message string) []byte {
	b = wirejson.AppendString(append(b, `{"error":`...), class)
	b = wirejson.AppendString(append(b, `,"detail":`...), message)
	return append(b, '}')
}

// location returns the path of a field in a request: the part of the request, then the path within that part.
func location(f fault.Field) []any { return append(slices.Clip(parts[f.In]), f.Name...) }

var parts = map[fault.Part][]any{fault.Body: {"body"}, fault.Query: {"query"}, fault.Path: {"path"}, fault.Header: {"header"}, fault.BareBody: {}}

// appendItems appends validation errors in the format of Pydantic.
func appendItems(b []byte, class string, fields []fault.Field) []byte {
	b = wirejson.AppendString(append(b, `{"error":`...), class)
	b = append(b, `,"detail":[`...)
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = wirejson.AppendString(append(b, `{"type":`...), f.Type)
		b = wirejson.Append(append(b, `,"loc":`...), location(f))
		b = wirejson.AppendString(append(b, `,"msg":`...), f.Msg)
		b = append(b, `,"input":`...)
		if f.Input == nil {
			b = append(b, `null`...)
		}
		b = append(b, f.Input...)
		if f.Ctx != nil {
			b = append(append(b, `,"ctx":`...), f.Ctx...)
		}
		if f.URL != "" {
			b = wirejson.AppendString(append(b, `,"url":`...), f.URL)
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}
