package polar

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// call holds the arguments of one call of an operation.
type call struct {
	op       *operation
	security SessionSecurity // for operations with sessionAuth
	path     []string        // values for the placeholders of the operation's path, in order
	query    url.Values
	rawQuery string      // sent in place of query
	body     any         // encoded as JSON; nil sends no body
	form     url.Values  // form to send instead of body
	header   http.Header // headers of this call only
	secrets  []string    // values of the query and the body that errors must not show
	err      error       // an invalid argument; the call is not sent
}

// checker is implemented by response types with required fields. check returns an error if one is missing.
type checker interface{ check() error }

// requireText returns an error if a required string of a response is empty.
func requireText[T ~string](name string, value T) error {
	if value == "" {
		return errors.New(name + " is missing or empty")
	}
	return nil
}

// fetch sends a call and decodes the response body into a T.
func fetch[T any](ctx context.Context, core *Core, c call, opts []Option) (*T, error) {
	v, _, err := fetchResponse[T](ctx, core, c, opts)
	return v, err
}

// fetchResponse is like fetch and also returns the headers of the response.
func fetchResponse[T any](ctx context.Context, core *Core, c call, opts []Option) (*T, http.Header, error) {
	x, err := c.prepare(ctx, core, opts)
	if err != nil {
		return nil, nil, err
	}
	a, err := x.run(ctx)
	if err != nil {
		return nil, nil, err
	}
	v := new(T)
	err = json.Unmarshal(a.body, v)
	if v, ok := any(v).(checker); ok && err == nil {
		err = v.check()
	}
	if err != nil {
		return nil, nil, x.decodeError(c.op.status, a, err)
	}
	return v, a.header, nil
}

// send sends a call whose successful response has no content.
func (c call) send(ctx context.Context, core *Core, opts []Option) error {
	x, err := c.prepare(ctx, core, opts)
	if err != nil {
		return err
	}
	x.noContent = true
	_, err = x.run(ctx)
	return err
}

// prepare validates the options and arguments of a call and returns its exchange. It sends nothing.
func (c *call) prepare(ctx context.Context, core *Core, opts []Option) (*exchange, error) {
	x := &exchange{op: c.op, header: c.header, sensitive: encodedForms(c.secrets)}
	var err error
	if x.config, err = core.configFor(opts); err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, c.op.wrapError(c.err)
	}
	for name, values := range c.header {
		if !isHeaderValue(values[0]) {
			return nil, c.op.wrapError(fmt.Errorf("the header %s contains a control character", name))
		}
	}
	if c.op.idempotent && c.header == nil && x.config.retries != nil && x.config.header[idempotencyKey] == nil {
		x.header = idempotencyHeader(rand.Text())
	}
	if x.token, err = c.token(x.config); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, errors.New("polar: the context is nil")
	}
	if x.url, err = c.op.resolveURL(x.config.server, c.path); err != nil {
		return nil, err
	}
	if x.url.RawQuery = c.rawQuery; len(c.query) > 0 {
		x.url.RawQuery = c.query.Encode()
	}
	return x, c.encode(x)
}

const idempotencyKey = "Idempotency-Key" // a header

// idempotencyHeader returns the header Idempotency-Key, or nil if key is empty.
func idempotencyHeader(key string) http.Header {
	if key == "" {
		return nil
	}
	return http.Header{idempotencyKey: {key}}
}

func (c *call) token(config *config) (string, error) {
	switch {
	case c.op.auth == anyAuth && config.session != SessionSecurity{}:
		return config.session.token()
	case c.op.auth == anyAuth:
		return config.accessToken, nil
	case config.session != SessionSecurity{}:
		return "", c.op.wrapError(errors.New("WithSession is an option of Client.Do; other methods have a SessionSecurity parameter"))
	case c.op.auth == sessionAuth:
		return c.security.token()
	case c.op.auth == organizationAuth && config.accessToken == "":
		return "", c.op.wrapError(fmt.Errorf("%w: this call needs WithAccessToken", ErrMissingSecurity))
	case c.op.auth == organizationAuth:
		return config.accessToken, nil
	}
	return "", nil
}

// encode encodes the body once for all attempts, so that each attempt has a Content-Length. Polar answers 411 without that
// header.
func (c *call) encode(x *exchange) error {
	switch {
	case c.form != nil:
		x.contentType, x.body = "application/x-www-form-urlencoded", []byte(c.form.Encode())
	case c.body != nil:
		body, err := encodeJSON(c.body)
		if err != nil {
			if inner, ok := errors.AsType[*json.MarshalerError](err); ok {
				err = inner.Unwrap() // an error of a MarshalJSON method of this package, without the prefix of encoding/json
			}
			return c.op.wrapError(err)
		}
		x.contentType, x.body = "application/json", body
	}
	return nil
}

// encodeJSON encodes v and escapes each U+FFFD, which also replaces invalid UTF-8. Go 1.26 and Go 1.27 differ in
// whether encoding/json escapes it.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.ReplaceAll(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\uFFFD"), []byte(`\ufffd`)), err
}
