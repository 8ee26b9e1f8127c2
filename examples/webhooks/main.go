// Command webhooks receives webhook events, checks their signatures, and logs each event once.
//
//	POSTERN_WEBHOOK_SECRET=whsec_… go run ./examples/webhooks
//
// The secret is in the answer to POST /v1/webhooks/endpoints, which creates the endpoint with the URL of this program. The server
// sends events only to public https URLs unless its operator allows others (see "postern serve -h").
package main

import (
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/postern-go/postern/polar"
)

func main() {
	log.SetFlags(0)
	secret := polar.WebhookSecret(os.Getenv("POSTERN_WEBHOOK_SECRET"))
	log.Print("listening on http://127.0.0.1:3000/webhooks")
	log.Print(http.ListenAndServe("127.0.0.1:3000", handler(secret, handle)))
}

// handle logs an event. A real program would delete its own cached data of the session, for example.
func handle(e *polar.Webhook) {
	switch {
	case e.Session != nil:
		log.Print(e.Type, " customer=", e.Session.CustomerID, " session=", e.Session.ID)
	default:
		log.Print(e.Type)
	}
}

// handler calls handle for each event with a valid signature. The server sends an event again until it gets a status of 2xx, so
// the same event can arrive twice.
func handler(secret polar.WebhookSecret, handle func(*polar.Webhook)) http.Handler {
	var mu sync.Mutex
	handled := map[polar.WebhookEventID]bool{} // a real program stores the ids in its database
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks", func(w http.ResponseWriter, r *http.Request) {
		event, err := polar.ParseWebhook(r, secret)
		if err != nil {
			log.Print(err)
			http.Error(w, "invalid webhook", http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		if !handled[event.ID] {
			handle(event)
			handled[event.ID] = true
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
