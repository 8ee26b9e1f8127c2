package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-go/postern"
)

func TestServesBoth(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second time, the store exists
		server, err := open(t.Context(), postern.Config{DataDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		h := handler(server.Handler())
		for path, want := range map[string]int{"/": 200, "/healthz": 200, "/acme/portal/request": 200, "/v1/customers/": 401} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if w.Code != want {
				t.Errorf("GET %s: status %d, want %d", path, w.Code, want)
			}
		}
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStopsWithContext(t *testing.T) {
	listener := httptest.NewServer(http.NotFoundHandler()) // finds a free port
	addr := listener.Listener.Addr().String()
	listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- run(ctx, t.TempDir(), addr) }()
	for {
		select {
		case err := <-done:
			t.Fatal(err)
		default:
		}
		if res, err := http.Get("http://" + addr + "/healthz"); err == nil {
			res.Body.Close()
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
