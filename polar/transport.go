package polar

import (
	"net"
	"net/http"
	"time"
)

// newTransport makes the transport of clients that bring none. It is not http.DefaultTransport, which any package of
// the program may change, and which keeps two idle connections to a host where a busy caller needs more.
//
// It has no ResponseHeaderTimeout: every attempt has a timeout, which bounds the wait for the headers as well, and a
// second timer a request would cost a call over loopback another tenth.
func newTransport() *http.Transport {
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment, // reads at the first request
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}
