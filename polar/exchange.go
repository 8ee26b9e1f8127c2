package polar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// exchange is a prepared request that can be sent several times.
type exchange struct {
	op          *operation
	config      *config
	url         *url.URL
	token       string // empty if the operation takes no credential
	contentType string // of body
	body        []byte
	header      http.Header // headers of this call only
	sensitive   []string    // values of the query and the body that errors must not show
	noContent   bool        // a successful response has no content
}

// response is a successful response, with the data for an error if the response turns out to be invalid.
type response struct {
	request     *http.Request
	status      int
	contentType string
	header      http.Header
	body        []byte
}

// outcome is the result of one attempt. The status and the headers determine whether the attempt is retried, before the body is
// read.
type outcome struct {
	response   response
	err        error
	retryable  bool
	retryAfter time.Duration // the server's Retry-After; zero if it sent none
	ended      bool          // the context ended during the attempt; err is the API's error if there was a response, or nil
}

// attempt sends the request once and reads the response body. The timeout of the attempt covers both steps.
func (x *exchange) attempt(ctx context.Context, n int) outcome {
	bounded, cancel := context.WithTimeout(ctx, x.config.timeout)
	defer cancel()
	req, err := x.request(bounded)
	if err != nil {
		return outcome{err: err}
	}
	resp, err := x.send(req, n)
	if err != nil {
		return x.transportFailure(ctx, req, err, n)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return x.errorOutcome(ctx, req, resp, n)
	}
	return x.successOutcome(ctx, req, resp, n)
}

// request builds the request of an attempt. Attempts share header values, unless there is a request editor, because an editor
// may modify them.
func (x *exchange) request(ctx context.Context) (*http.Request, error) {
	header := make(http.Header, len(x.config.header)+3)
	for name, values := range x.config.header {
		header[name] = values
	}
	if x.token != "" {
		header["Authorization"] = []string{"Bearer " + x.token}
	}
	req := (&http.Request{
		Method: x.op.method, URL: x.url, Host: x.url.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if x.body != nil {
		header["Content-Type"] = []string{x.contentType}
		req.ContentLength = int64(len(x.body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(x.body)), nil }
		req.Body, _ = req.GetBody()
	}
	for name, values := range x.header {
		header[name] = values
	}
	if x.config.editor == nil {
		return req, nil
	}
	u := *x.url
	req.URL, req.Header = &u, header.Clone()
	return req, x.applyEditor(req)
}

// applyEditor calls the caller's request editor. The editor may read the body, for example to sign it, but may not
// replace it.
func (x *exchange) applyEditor(req *http.Request) error {
	before := *req
	if err := x.config.editor(req); err != nil {
		text := oneLine(redact(err.Error(), x.secrets(req)), 300)
		return &multiError{text: "polar: " + x.op.name + ": the request editor failed: " + text, causes: []error{err}}
	}
	if req.Method != before.Method || req.Body != before.Body || (req.GetBody == nil) != (before.GetBody == nil) ||
		req.ContentLength != before.ContentLength || req.TransferEncoding != nil {
		return fmt.Errorf("polar: %s: the request editor changed the method or the body; it may change the headers, the host and the query", x.op.name)
	}
	if req.URL == nil {
		return fmt.Errorf("polar: %s: the request editor set the URL to nil", x.op.name)
	}
	if req.GetBody = before.GetBody; req.GetBody != nil {
		req.Body, _ = req.GetBody()
	}
	return nil
}

// secrets returns the texts that errors about the request must not contain.
func (x *exchange) secrets(req *http.Request) []string { return requestSecrets(req, x.sensitive) }

// errorOutcome handles a response with status 400 or above.
func (x *exchange) errorOutcome(ctx context.Context, req *http.Request, resp *http.Response, n int) outcome {
	o := outcome{retryable: x.config.retries.retriesStatus(resp.StatusCode), retryAfter: retryAfter(resp.Header)}
	body, whole := readPrefix(resp.Body, maxErrorResponse) // an incomplete body is fine, because the status is what counts
	e := newError(x.op, req.Header.Get(versionHeader), resp, body, x.secrets(req))
	e.Attempts = n
	o.err, o.ended = e, !whole && ctx.Err() != nil
	return o
}

// successOutcome handles a response with a status below 400. A status, content type or body that the operation does not
// expect is a DecodeError.
func (x *exchange) successOutcome(ctx context.Context, req *http.Request, resp *http.Response, n int) outcome {
	a := response{request: req, status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), header: resp.Header}
	if right := x.isSuccess(resp.StatusCode); x.noContent || !right || !isJSON(a.contentType) {
		var whole bool
		a.body, whole = readPrefix(resp.Body, maxErrorResponse)
		switch {
		case right && x.noContent && (len(a.body) == 0 || isJSON(a.contentType)): // other content is not from the server, for example the login page of a proxy
			return outcome{response: a}
		case !whole && ctx.Err() != nil:
			return x.transportFailure(ctx, req, ctx.Err(), n)
		}
		return outcome{err: x.decodeError(resp.StatusCode, a, errors.New("expected "+x.expected()))}
	}
	var err error
	a.body, err = readAll(resp.Body, resp.ContentLength, x.limit())
	switch {
	case errors.Is(err, errTooLarge):
		return outcome{err: x.decodeError(resp.StatusCode, a, fmt.Errorf("the body exceeds %d bytes: %w", x.limit(), err))}
	case err != nil:
		return x.transportFailure(ctx, req, err, n)
	}
	return outcome{response: a}
}

// isSuccess reports whether a status is that of a successful response.
func (x *exchange) isSuccess(status int) bool {
	return status == x.op.status || x.op.status == 0 && 200 <= status && status <= 299
}

func (x *exchange) expected() string {
	status := "200 to 299"
	if x.op.status != 0 {
		status = strconv.Itoa(x.op.status)
	}
	if x.noContent {
		return status + " without content"
	}
	return status + " application/json"
}

func (x *exchange) limit() int64 {
	if x.op.limit > 0 {
		return x.op.limit
	}
	return maxResponse
}
