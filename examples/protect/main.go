// Command protect is an API of your own that lets only your customers in, and knows on every request which one is calling.
//
//	POLAR_ACCESS_TOKEN=polar_oat_… go run ./examples/protect
//	curl -H 'Authorization: Bearer polar_mst_…' http://127.0.0.1:3000/notes
//
// POLAR_SERVER_URL asks a Postern instead of Polar; the scopes of the access token are customers:read and customer_sessions:read.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

func main() {
	log.SetFlags(0)
	options := []polar.Option{polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))}
	if url := os.Getenv("POLAR_SERVER_URL"); url != "" {
		options = append(options, polar.WithServerURL(url))
	}
	client, err := polar.New(options...)
	if err != nil {
		log.Fatal(err)
	}
	auth := portalauth.New(client, portalauth.Options{Observe: observe})
	defer auth.Close()
	log.Print("listening on http://127.0.0.1:3000")
	log.Print(http.ListenAndServe("127.0.0.1:3000", handler(auth)))
}

// observe logs what an operator should know. Counting all kinds of events makes good metrics.
func observe(e portalauth.Event) {
	if e.Kind == portalauth.EventUnavailable || e.Kind == portalauth.EventStreamLost {
		log.Printf("%s: %v", e.Kind, e.Err)
	}
}

// handler has a public part, and one for customers, who read and write notes of their own.
func handler(auth *portalauth.Verifier) http.Handler {
	n := &notes{of: map[string][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("GET /notes", auth.Require("customer_portal:read")(http.HandlerFunc(n.list)))
	mux.Handle("POST /notes", auth.Require("customer_portal:write")(http.HandlerFunc(n.add)))
	return mux
}

// notes are kept by customer: all members of a team share them.
type notes struct {
	mu sync.Mutex
	of map[string][]string
}

func (n *notes) list(w http.ResponseWriter, r *http.Request) {
	who, ok := portalauth.FromContext(r.Context())
	if !ok {
		http.Error(w, "this handler is not behind Require", http.StatusInternalServerError)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"customer_id": who.CustomerID, "notes": append([]string{}, n.of[who.CustomerID]...)})
}

func (n *notes) add(w http.ResponseWriter, r *http.Request) {
	who, ok := portalauth.FromContext(r.Context())
	if !ok {
		http.Error(w, "this handler is not behind Require", http.StatusInternalServerError)
		return
	}
	var note string
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 10_000)).Decode(&note); err != nil {
		http.Error(w, "the body is a JSON string of up to 10,000 bytes", http.StatusBadRequest)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.of[who.CustomerID] = append(n.of[who.CustomerID], note)
	w.WriteHeader(http.StatusCreated)
}
