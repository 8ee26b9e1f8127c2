package polar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// Do calls a route for which the client has no method, with the options, retries and errors of all calls:
//
//	var product struct{ Name string }
//	err := client.Do(ctx, http.MethodGet, "/v1/products/"+url.PathEscape(id), nil, &product)
//
// The path starts with a slash, is relative to the server's URL, and may have a query. An absolute URL, a fragment and
// the segments "." and ".." are errors, and nothing is sent.
//
// in is encoded as the JSON body; nil sends no body. A GET request has no body. out is a pointer into which the JSON body of the
// response is decoded; nil discards the body. Every status from 200 to 299 is a success. If out is not nil and the response
// has no JSON body, the error is a [*DecodeError].
//
// Do sends the client's access token if there is one. [WithSession] sends a session token instead. Errors contain the
// method and the path, but not the query, and neither tokens of Polar nor request headers.
func (c *Client) Do(ctx context.Context, method, path string, in, out any, opts ...Option) error {
	plain, query, hasQuery := strings.Cut(path, "?")
	name := oneLine(redactTokens(method+" "+plain), 200)
	raw := call{op: &operation{name: name, method: method, path: escapeRest(plain), auth: anyAuth, limit: maxListPage}, rawQuery: query, body: in}
	raw.err = checkRaw(method, plain, in, out)
	if _, err := url.ParseQuery(query); hasQuery && err != nil {
		raw.err = errors.New("the query of the path is not valid; escape its values with url.Values.Encode")
	}
	x, err := raw.prepare(ctx, c.Server.core, opts)
	if err != nil {
		return err
	}
	x.noContent = out == nil
	a, err := x.run(ctx)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return x.decodeError(a.status, a, err)
	}
	return nil
}

var rawMethods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// checkRaw returns an error for invalid arguments of Do. The path has no query.
func checkRaw(method, path string, in, out any) error {
	u, err := url.Parse(path)
	hasBody := method != http.MethodGet && method != http.MethodHead
	switch {
	case !slices.Contains(rawMethods, method):
		return fmt.Errorf("the method is not one of %s", strings.Join(rawMethods, ", "))
	case in != nil && !hasBody:
		return fmt.Errorf("a %s request has no body; put the parameters into the query of the path", method)
	case out != nil && (reflect.TypeOf(out).Kind() != reflect.Pointer || reflect.ValueOf(out).IsNil()):
		return fmt.Errorf("out is a %T; it must be nil or a pointer that is not nil", out)
	case err != nil:
		return errors.New("the path is not valid; escape its parts with url.PathEscape")
	case u.Scheme != "" || u.Host != "" || strings.HasPrefix(path, "//"):
		return errors.New("the path is an absolute URL; it must start with a slash and is relative to the server's URL, which WithServerURL sets")
	case !strings.HasPrefix(path, "/"):
		return errors.New("the path must start with a slash, such as /v1/products/")
	case strings.Contains(path, "#"):
		return errors.New("the path has a fragment")
	}
	for segment := range strings.FieldsFuncSeq(u.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." { // proxies and routers would remove it and change the path
			return fmt.Errorf("the path has the segment %q", segment)
		}
	}
	return nil
}

// escapeRest escapes the bytes of a path that must be escaped (RFC 3986, section 3.3) and are not. Otherwise net/url would
// decode the whole path and encode it anew, and %2F would become a slash.
func escapeRest(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~!$&'()*+,;=:@/%", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// WithSession makes [Client.Do] send a session token in place of the access token. It is an option of Do only; other
// methods have a [SessionSecurity] parameter.
func WithSession(security SessionSecurity) Option {
	return func(c *config) error {
		if _, err := security.token(); err != nil {
			return err
		}
		c.session = security
		return nil
	}
}
