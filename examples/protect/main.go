// Command protect is an HTTP API that only customers can use. Its handlers get the customer that sent the request.
//
//	POLAR_ACCESS_TOKEN=polar_oat_… go run ./examples/protect
//	curl -H 'Authorization: Bearer polar_mst_…' http://127.0.0.1:3000/notes
//
// The access token needs the scopes customers:read and customer_sessions:read. Set POLAR_SERVER_URL to use a Postern server
// instead of Polar.
package main

import (
	"context"
	"encoding/json"
	"expvar"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

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
	auth, err := portalauth.New(client, portalauth.Options{Observe: observe})
	if err != nil {
		log.Fatal(err) // names every setting that cannot work
	}
	defer auth.Close()
	if err := check(context.Background(), auth); err != nil {
		log.Fatal(err) // for example: the access token lacks a scope
	}
	log.Print("listening on http://127.0.0.1:3000")
	log.Print(http.ListenAndServe("127.0.0.1:3000", handler(auth)))
}

// events counts the events of the verifier by kind. Package expvar publishes it; a real program may use another metrics library.
// The verifier logs its failures by itself.
var events = expvar.NewMap("portalauth")

func observe(e portalauth.Event) { events.Add(string(e.Kind), 1) }

// check asks the server whether the verifier can work.
func check(ctx context.Context, auth *portalauth.Verifier) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return auth.Check(ctx)
}

// health answers 503 while sessions cannot be checked.
func health(auth *portalauth.Verifier) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := check(r.Context(), auth); err != nil {
			log.Print(err)
			http.Error(w, "sessions cannot be checked", http.StatusServiceUnavailable)
		}
	}
}

// handler serves a public route, and routes on which customers read and write their notes.
func handler(auth *portalauth.Verifier) http.Handler {
	n := &notes{of: map[polar.CustomerID][]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health(auth))
	mux.Handle("GET /notes", auth.Require("customer_portal:read")(http.HandlerFunc(n.list)))
	mux.Handle("POST /notes", auth.Require("customer_portal:write")(http.HandlerFunc(n.add)))
	return mux
}

// notes stores the notes of each customer in memory. All members of a team share the notes of their customer.
type notes struct {
	mu sync.Mutex
	of map[polar.CustomerID][]string
}

func (n *notes) list(w http.ResponseWriter, r *http.Request) {
	identity, ok := portalauth.FromContext(r.Context())
	if !ok {
		http.Error(w, "this handler must be wrapped by Require", http.StatusInternalServerError)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"customer_id": identity.CustomerID, "notes": append([]string{}, n.of[identity.CustomerID]...)})
}

func (n *notes) add(w http.ResponseWriter, r *http.Request) {
	identity, ok := portalauth.FromContext(r.Context())
	if !ok {
		http.Error(w, "this handler must be wrapped by Require", http.StatusInternalServerError)
		return
	}
	var note string
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 10_000)).Decode(&note); err != nil {
		http.Error(w, "the body must be a JSON string of at most 10,000 bytes", http.StatusBadRequest)
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.of[identity.CustomerID] = append(n.of[identity.CustomerID], note)
	w.WriteHeader(http.StatusCreated)
}
