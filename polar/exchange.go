package polar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// operation is what is the same in all calls of one kind. A file a resource, a variable an operation.
type operation struct {
	name   string // for errors: "introspect customer session"
	method string
	path   string // begins with /v1
	status int    // of success
	wants  string // the credentials that it takes, for people
}

// exchange is one call: a request, sent once or several times, and an answer.
//
// A resource that sends a body will keep its bytes here, so that every attempt has a Content-Length (without one Polar
// answers 411) and the same Idempotency-Key.
type exchange struct {
	op     *operation
	config *config
	token  string
}

// answer is the body of a success and what is needed to complain about it.
type answer struct {
	request     *http.Request
	contentType string
	body        []byte
}

// outcome is what one attempt came to. Whether another may follow is known from the status and the headers, before any
// body is read.
type outcome struct {
	answer answer
	err    error
	again  bool
	after  time.Duration // the server's wish, 0 for none
}

// call makes one call and decodes its answer into a T, which check may find lacking.
func call[T any](ctx context.Context, core *Core, op *operation, security SessionSecurity, check func(*T) error, opts []Option) (*T, error) {
	x := exchange{op: op}
	var err error
	if x.config, err = core.with(opts); err != nil {
		return nil, err
	}
	if x.token, err = security.token(); err != nil {
		return nil, err
	}
	if ctx == nil {
		return nil, errors.New("polar: the context is nil")
	}
	a, err := x.run(ctx)
	if err != nil {
		return nil, err
	}
	v := new(T)
	if err = json.Unmarshal(a.body, v); err == nil {
		err = check(v)
	}
	if err != nil {
		return nil, x.mismatch(op.status, a, err)
	}
	return v, nil
}

// attempt sends the request once. Its own context ends with it, when the body has been read.
func (x *exchange) attempt(ctx context.Context, n int) outcome {
	bounded, cancel := context.WithTimeout(ctx, x.config.timeout)
	defer cancel()
	req, err := x.request(bounded)
	if err != nil {
		return outcome{err: err}
	}
	resp, err := x.config.client.Do(req)
	if err != nil {
		return x.failed(ctx, req, err, n)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return x.refused(ctx, req, resp, n)
	}
	return x.succeeded(ctx, req, resp, n)
}

// request makes the request of one attempt. The values of its headers are shared between requests, unless there is an
// editor, which may change them in place.
func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	header := make(http.Header, len(x.config.header)+1)
	for name, values := range x.config.header {
		header[name] = values
	}
	header["Authorization"] = []string{"Bearer " + x.token}
	u := endpoint(x.config.server, x.op.path)
	req := (&http.Request{
		Method: x.op.method, URL: u, Host: u.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if x.config.editor == nil {
		return req, nil
	}
	req.Header = header.Clone()
	return req, x.edit(req)
}

func (x *exchange) edit(req *http.Request) error {
	if err := x.config.editor(req); err != nil {
		text := line(redact(err.Error(), secrets(req)), 300)
		return &joined{text: "polar: " + x.op.name + ": the request editor refused: " + text, causes: []error{err}}
	}
	if req.Method != x.op.method || req.Body != nil || req.GetBody != nil || req.ContentLength != 0 || req.TransferEncoding != nil {
		return fmt.Errorf("polar: %s: the request editor changed the method or the body, which belong to the operation", x.op.name)
	}
	if req.URL == nil {
		return fmt.Errorf("polar: %s: the request editor took the URL away", x.op.name)
	}
	return nil
}

// refused is an answer of 400 and above.
func (x *exchange) refused(ctx context.Context, req *http.Request, resp *http.Response, n int) outcome {
	o := outcome{again: x.config.retries.covers(resp.StatusCode), after: retryAfter(resp.Header)}
	body, whole := readSome(resp.Body, maxProblem) // what there is of it: the status is what counts
	e := newError(x.op, resp, body, secrets(req))
	e.Attempts = n
	o.err = e
	if !whole && ctx.Err() != nil {
		o.err = x.ended(ctx, n, e)
	}
	return o
}

// succeeded is an answer below 400: what was asked for, or one that the operation does not have.
func (x *exchange) succeeded(ctx context.Context, req *http.Request, resp *http.Response, n int) outcome {
	a := answer{request: req, contentType: resp.Header.Get("Content-Type")}
	if resp.StatusCode != x.op.status || !isJSON(a.contentType) {
		var whole bool
		if a.body, whole = readSome(resp.Body, maxProblem); !whole && ctx.Err() != nil {
			return x.failed(ctx, req, ctx.Err(), n)
		}
		err := fmt.Errorf("it should be %d application/json", x.op.status)
		return outcome{err: x.mismatch(resp.StatusCode, a, err)}
	}
	var err error
	a.body, err = readAll(resp.Body, resp.ContentLength)
	switch {
	case errors.Is(err, errTooLarge):
		return outcome{err: x.mismatch(resp.StatusCode, a, err)}
	case err != nil:
		return x.failed(ctx, req, err, n)
	}
	return outcome{answer: a}
}
