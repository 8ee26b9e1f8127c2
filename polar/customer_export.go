package polar

import (
	"context"
	"errors"
	"io"
	"mime"
	"time"
)

// Export writes all customers of the organization to w as comma-separated values (RFC 4180). The first line has the names of the
// columns. On a Postern server, the oldest customer comes first, and an apostrophe stands before each text that a spreadsheet would run
// as a formula.
//
// Export holds only a small part of the answer in memory. It does not retry. If it returns an error, w may have received a part of the
// answer. It returns a [*TimeoutError] if the answer does not start within the time of [WithTimeout], or pauses for 35 seconds; a
// [*ConnectError] if the connection ends early; the error of w; and the context's error if the context ends.
//
// Route: GET /v1/customers/export.
func (s CustomersService) Export(ctx context.Context, w io.Writer, opts ...Option) error {
	c := call{op: &exportCustomers}
	if w == nil {
		c.err = errors.New("the writer is nil")
	}
	x, err := c.prepare(ctx, s.core, opts)
	if err != nil {
		return err
	}
	o := x.copyTo(ctx, w)
	if o.ended {
		return x.contextError(ctx, 1, o.err)
	}
	return o.err
}

// copyTo sends the request once and copies the text/csv of a successful response to w.
func (x *exchange) copyTo(ctx context.Context, w io.Writer) outcome {
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	watch := time.AfterFunc(x.config.timeout, cancel)
	defer watch.Stop()
	req, err := x.request(bounded)
	if err != nil {
		return outcome{err: err}
	}
	resp, err := x.send(req, 1)
	if err != nil {
		return x.transportFailure(ctx, req, err, 1)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return x.errorOutcome(ctx, req, resp, 1)
	}
	a := response{request: req, status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), header: resp.Header}
	if mediaType, _, _ := mime.ParseMediaType(a.contentType); resp.StatusCode != x.op.status || mediaType != "text/csv" {
		a.body, _ = readPrefix(resp.Body, maxErrorBody)
		return outcome{err: x.decodeError(resp.StatusCode, a, errors.New("expected 200 text/csv"))}
	}
	buffer := make([]byte, 32<<10)
	for {
		watch.Reset(maxSilence)
		n, err := resp.Body.Read(buffer)
		watch.Stop() // w may take any time
		if _, failed := w.Write(buffer[:n]); failed != nil {
			return outcome{err: x.op.wrapError(failed)}
		}
		switch {
		case err == io.EOF:
			return outcome{}
		case err != nil:
			return x.streamFailure(ctx, req, err)
		}
	}
}
