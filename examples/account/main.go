// Command account is a shop with a "manage my account" button, which takes customers to their portal.
//
//	POLAR_ACCESS_TOKEN=polar_oat_… go run ./examples/account
//
// POLAR_SERVER_URL asks a Postern instead of Polar; the scope of the access token is customer_sessions:write.
package main

import (
	"errors"
	"html/template"
	"log"
	"net/http"
	"os"

	"github.com/postern-go/postern/polar"
)

func main() {
	log.SetFlags(0)
	options := []polar.Option{polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN")), polar.WithRetries(polar.RetryConfig{RetryConnectionErrors: true})}
	if url := os.Getenv("POLAR_SERVER_URL"); url != "" {
		options = append(options, polar.WithServerURL(url))
	}
	client, err := polar.New(options...)
	if err != nil {
		log.Fatal(err)
	}
	log.Print("open http://127.0.0.1:3000")
	log.Print(http.ListenAndServe("127.0.0.1:3000", handler(client, "http://127.0.0.1:3000/")))
}

// handler shows the button, and makes a session when it is pressed. A session is made by POST, so that no link and no image of
// somebody else's makes one.
func handler(client *polar.Client, home string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { page.Execute(w, user(r)) })
	mux.HandleFunc("POST /account", func(w http.ResponseWriter, r *http.Request) {
		session, err := client.CustomerSessions.Create(r.Context(), polar.CustomerSessionCreate{
			Customer: polar.ExternalCustomerID(user(r)), ReturnURL: polar.Set(home),
		})
		switch {
		case errors.Is(err, polar.ErrValidation):
			http.Error(w, "You have not bought anything yet.", http.StatusNotFound)
		case err != nil:
			log.Print(err) // which holds no token
			http.Error(w, "Your account cannot be opened just now. Please try again.", http.StatusBadGateway)
		default:
			w.Header().Set("Cache-Control", "no-store") // the address holds the token
			http.Redirect(w, r, session.CustomerPortalURL, http.StatusSeeOther)
		}
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// user is who is logged in to the shop, by the shop's own means. This one has a single customer.
func user(*http.Request) string { return "user_1" }

var page = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en">
<title>Shop</title>
<p>Welcome, {{.}}.</p>
<form method="post" action="/account"><button>Manage my account</button></form>
</html>
`))
