package server

import (
	"context"
	"io"
	"net/http"

	"github.com/postern-go/postern/internal/metrics"
)

// operatorHandler returns the handler of [Server.OperatorHandler]. ping returns an error if the store does not answer.
func operatorHandler(counts *metrics.Metrics, ping func(ctx context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", counts.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/json")
		if ping(r.Context()) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, `{"status":"unavailable"}`)
			return
		}
		io.WriteString(w, `{"status":"ok"}`)
	})
	return mux
}
