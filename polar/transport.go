package polar

import (
	"net"
	"net/http"
	"time"
)

// newTransport returns the transport of clients without [WithHTTPClient]. http.DefaultTransport is not used because any
// package of the program can modify it, and because it keeps only two idle connections to a host.
//
// ResponseHeaderTimeout is not set: the timeout of each attempt already limits the wait for the headers, and a second
// timer makes a call over loopback about 10% slower.
func newTransport() *http.Transport {
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment, // the environment is read at the first request
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}
