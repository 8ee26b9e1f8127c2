// Package portalauth lets only customers in: it tells, on every request, which customer is calling. It uses the standard library
// alone, and works with Polar and with a Postern.
//
// Most people need these lines:
//
//	client, err := polar.New(polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))) // WithServerURL for a Postern
//	if err != nil {
//		return err
//	}
//	auth := portalauth.New(client, portalauth.Options{})
//	defer auth.Close()
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /invoices", func(w http.ResponseWriter, r *http.Request) {
//		who, _ := portalauth.FromContext(r.Context())
//		fmt.Fprintln(w, "invoices of", who.CustomerID)
//	})
//	return http.ListenAndServe(addr, auth.Require("customer_portal:read")(mux))
//
// The access token says whose customers are let in, so that another organization's on the same server are not, and opens the
// stream of revocations. Its scopes are customers:read and customer_sessions:read. Without one, name the organization
// ([Options.OrganizationID]), or let everybody's in ([Options.AnyOrganization]).
//
// # How soon a session stops
//
// Answers are remembered, and believed for [Options.MaxStaleness], 30 seconds unless told otherwise, and never beyond the session's
// expiry. On a Postern the verifier follows the stream of revocations: a session that is revoked, or whose customer or member is,
// stops within a second. On Polar there is no such stream, and sessions cannot be ended but by deleting who holds them: that takes
// MaxStaleness to be seen.
//
// When the server cannot be asked, nobody gets in who is not remembered; [Options.ServeStale] believes what is remembered for
// longer.
//
// # Requests that are refused
//
//	no token                  401  {"error":"Unauthorized", …}
//	a token that is not live  401  {"error": "invalid_token", …}
//	not the right scope       403  {"error": "insufficient_scope", …}
//	a form of another origin  403  {"error":"NotPermitted", …}
//	nobody knows              503  {"error":"ServiceUnavailable", …}, Retry-After: 1
//
// in Polar's words, with WWW-Authenticate (RFC 6750). With [Options.LoginURL], browsers without a session are sent to the login
// instead; [Options.Refused] answers in your own words.
//
// # Where tokens are
//
// Of what it remembers, the verifier has a digest in place of the token. No token is in an error, an [Event] or a URL that it
// makes. A token that comes in a URL (customer_session_token, as Polar's links have it) is swapped for a cookie that scripts cannot
// read. As with every link that logs somebody in, whoever is sent one by somebody else is logged in as somebody else: set
// [Options.NoQueryToken] where you do not use such links.
package portalauth
