package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthcheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/healthz" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		w.WriteHeader(status)
	}))
	addr := strings.TrimPrefix(server.URL, "http://")
	_, port, _ := strings.Cut(addr, ":")
	check := func(want int, message string, args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		got := run(append([]string{"healthcheck"}, args...), nil, &out, &errs)
		if text := out.String() + errs.String(); got != want || !strings.Contains(text, message) {
			t.Errorf("%v: status %d and %q, want %d and %q", args, got, text, want, message)
		}
	}
	for _, args := range [][]string{{"--url", server.URL}, {"--url", server.URL + "/"}, {"--listen", addr}, {"--listen", ":" + port}, {"--listen", "0.0.0.0:" + port}} {
		check(0, "healthy\n", args...)
	}
	t.Setenv("POSTERN_LISTEN", addr)
	check(0, "healthy\n")
	status = http.StatusServiceUnavailable
	check(1, "server is not healthy: GET "+server.URL+"/healthz: 503 Service Unavailable")
	server.Close()
	check(1, "server does not respond: ")
	check(1, "invalid --listen: ", "--listen", "8787")
	if got := run([]string{"healthcheck", "--url", "not a URL"}, nil, io.Discard, io.Discard); got != 1 {
		t.Errorf("an invalid URL: status %d", got)
	}
}

func TestHealthcheckUsesIPv6LoopbackForUnspecifiedIPv6Address(t *testing.T) {
	c := healthcheckCommand{Listen: "[::]:8787"}
	if url, err := c.url(); err != nil || url != "http://[::1]:8787/healthz" {
		t.Errorf("%s, %v", url, err)
	}
}
