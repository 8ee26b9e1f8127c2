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

// call is one use of an operation.
type call struct {
	op       *operation
	security SessionSecurity // where the operation takes a session
	path     []string        // values for what the operation's path leaves open
	query    url.Values
	body     any         // becomes JSON; nil for none
	form     url.Values  // instead of body
	header   http.Header // what only this call sends
	secrets  []string    // what of the query and the body nobody should see
	err      error       // why there is nothing to send
}

// checked is a wire type that can be found lacking.
type checker interface{ check() error }

// present is what a check says of a text that every answer has.
func requireText(name, value string) error {
	if value == "" {
		return errors.New(name + " is missing or empty")
	}
	return nil
}

// fetch makes a call and decodes its answer into a T.
func fetch[T any](ctx context.Context, core *Core, c call, opts []Option) (*T, error) {
	x, err := c.prepare(ctx, core, opts)
	if err != nil {
		return nil, err
	}
	a, err := x.run(ctx)
	if err != nil {
		return nil, err
	}
	v := new(T)
	err = json.Unmarshal(a.body, v)
	if v, ok := any(v).(checker); ok && err == nil {
		err = v.check()
	}
	if err != nil {
		return nil, x.decodeError(c.op.status, a, err)
	}
	return v, nil
}

// send makes a call whose answer says nothing but that it worked.
func (c call) send(ctx context.Context, core *Core, opts []Option) error {
	x, err := c.prepare(ctx, core, opts)
	if err != nil {
		return err
	}
	x.noContent = true
	_, err = x.run(ctx)
	return err
}

// prepare makes all of the call that can be wrong before anything is sent.
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
			return nil, c.op.wrapError(fmt.Errorf("the %s holds a control character", name))
		}
	}
	if c.op.idempotent && c.header == nil && x.config.retries != nil && x.config.header["Idempotency-Key"] == nil {
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
	if len(c.query) > 0 {
		x.url.RawQuery = c.query.Encode()
	}
	return x, c.encode(x)
}

// idempotencyKey is the header that makes of several calls one; nil for "".
func idempotencyHeader(key string) http.Header {
	if key == "" {
		return nil
	}
	return http.Header{"Idempotency-Key": {key}}
}

func (c *call) token(config *config) (string, error) {
	switch {
	case c.op.auth == sessionAuth:
		return c.security.token()
	case c.op.auth == organizationAuth && config.accessToken == "":
		return "", c.op.wrapError(fmt.Errorf("%w: give an access token with WithAccessToken", ErrMissingSecurity))
	case c.op.auth == organizationAuth:
		return config.accessToken, nil
	}
	return "", nil
}

// encode makes the bytes of the body once, so that every attempt has a Content-Length, without which Polar answers 411.
func (c *call) encode(x *exchange) error {
	switch {
	case c.form != nil:
		x.contentType, x.body = "application/x-www-form-urlencoded", []byte(c.form.Encode())
	case c.body != nil:
		body, err := encodeJSON(c.body)
		if err != nil {
			if inner, ok := errors.AsType[*json.MarshalerError](err); ok {
				err = inner.Unwrap() // what a type of ours has to say
			}
			return c.op.wrapError(err)
		}
		x.contentType, x.body = "application/json", body
	}
	return nil
}

// encodeJSON writes U+FFFD, which also replaces invalid UTF-8, as an escape: Go 1.26 and Go 1.27 write it differently.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.ReplaceAll(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\uFFFD"), []byte(`\ufffd`)), err
}
