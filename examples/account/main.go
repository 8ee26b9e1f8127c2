// Command account is a shop with a "Manage my account" button that redirects the customer to the portal.
//
//	POLAR_ACCESS_TOKEN=polar_oat_… go run ./examples/account
//
// The access token needs the scope customer_sessions:write. Set POLAR_SERVER_URL to use a Postern server instead of Polar.
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
	options := []polar.Option{polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))}
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

// handler serves a page with a button. The button sends a POST request that creates a session and redirects to the portal. The
// request is protected against cross-site request forgery, so that other sites cannot trigger it.
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
			log.Print(err) // errors of package polar contain no tokens
			http.Error(w, "Your account is not available at the moment. Please try again.", http.StatusBadGateway)
		default:
			w.Header().Set("Cache-Control", "no-store") // the redirect URL contains the session token
			http.Redirect(w, r, session.CustomerPortalURL, http.StatusSeeOther)
		}
	})
	return http.NewCrossOriginProtection().Handler(mux)
}

// user returns the id of the user who is logged in to the shop. This shop has only one user.
func user(*http.Request) string { return "user_1" }

var page = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en">
<title>Shop</title>
<p>Welcome, {{.}}.</p>
<form method="post" action="/account"><button>Manage my account</button></form>
</html>
`))
