package webhook

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	statusGone = http.StatusGone
	// attemptTimeout is the timeout of one request. bodyLimit is the maximum number of bytes that are read from a response.
	attemptTimeout = 15 * time.Second
	bodyLimit      = 16 << 10
)

// sender is an HTTP client that follows no redirects, uses no proxy, and connects only to allowed addresses.
type sender struct {
	client    *http.Client
	userAgent string
	allowHTTP bool
}

func newSender(o Options) sender {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: guard{o.AllowedNetworks}.control}
	return sender{userAgent: cmp.Or(o.UserAgent, "Postern"), allowHTTP: o.AllowHTTP, client: &http.Client{
		Timeout:       attemptTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 5 * time.Second,
			MaxResponseHeaderBytes: bodyLimit, MaxIdleConnsPerHost: window, IdleConnTimeout: time.Minute, DisableCompression: true,
		},
	}}
}

// send sends one request. It returns the status of the response, or 0 if there was no response. It also returns the reason of a
// failure, as in [Attempt].Error.
func (s sender) send(ctx context.Context, e Endpoint, d Dispatch, at time.Time) (code int, failure string) {
	if !s.allowHTTP && !strings.HasPrefix(e.URL, "https://") {
		return 0, "forbidden_address"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(d.Body))
	if err != nil {
		return 0, "connection"
	}
	id := d.Event.String()
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {s.userAgent}, "Webhook-Id": {id},
		"Webhook-Timestamp": {strconv.FormatInt(at.Unix(), 10)}, "Webhook-Signature": {e.signatures(id, at, d.Body)},
	}
	response, err := s.client.Do(r)
	if err != nil {
		return 0, failureOf(err)
	}
	defer response.Body.Close()
	// The response body is not used. Reading it lets the connection be reused.
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, bodyLimit))
	switch {
	case response.StatusCode/100 == 2:
		return response.StatusCode, ""
	case response.StatusCode/100 == 3:
		return response.StatusCode, "redirect"
	}
	return response.StatusCode, "status"
}

func failureOf(err error) string {
	if errors.Is(err, errForbiddenAddress) {
		return "forbidden_address"
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return "timeout"
	}
	return "connection"
}
