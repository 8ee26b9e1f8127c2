// Package portalauth provides middleware that authenticates customers and members by their session token. It works with
// Polar and with Postern servers, and depends on the standard library only.
//
// # Usage
//
//	client, err := polar.New(polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))) // for Polar; see polar.WithServerURL
//	if err != nil {
//		return err
//	}
//	auth, err := portalauth.New(client, portalauth.Options{})
//	if err != nil {
//		return err
//	}
//	defer auth.Close()
//	if err := auth.Check(ctx); err != nil { // optional: asks the server whether all this can work
//		return err
//	}
//
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /invoices", func(w http.ResponseWriter, r *http.Request) {
//		identity, _ := portalauth.FromContext(r.Context())
//		fmt.Fprintln(w, "invoices of", identity.CustomerID)
//	})
//	return http.ListenAndServe(addr, auth.Require("customer_portal:read")(mux))
//
// The client's access token needs the scopes customers:read and customer_sessions:read. The verifier uses it to accept
// only sessions of the token's organization, and to follow the stream of revocations. Without an access token, set
// [Options.OrganizationID] or [Options.AnyOrganization].
//
// # When a revoked session stops working
//
// The verifier caches the server's answers for [Options.MaxStaleness], 30 seconds by default, but never beyond the end
// of the session. With a Postern server, the verifier also follows the stream of revocations: a session stops working
// within one second after it, its member or its customer is revoked. Polar has no such stream. There, a session ends
// early only if its customer or member is deleted, and the verifier notices after at most MaxStaleness.
//
// If the server cannot be reached, only cached sessions are accepted. [Options.ServeStale] extends their time in the
// cache for this case.
//
// # Failures
//
// [New] returns an error for everything that cannot work. [Verifier.Check] finds what only the server knows, such as an
// access token without a scope. Later failures are logged with [log/slog], each at most once a minute; see
// [Options.Logger]. [Options.Observe] gets every event.
//
// # Clocks
//
// Sessions expire on the server's clock, which the verifier knows from the header Date of responses. A difference of up to
// one minute has no effect. Beyond it, this computer's clock is assumed to be wrong, and the difference is named in the
// log and by Check. If a session that the server accepts has expired on this computer's clock, the error is a
// [*ClockError]. Tests that move the clock of a server set [Options.Now].
//
// # Refused requests
//
// The middleware refuses requests with Polar's own responses, including WWW-Authenticate (RFC 6750):
//
//	no token                     401  {"error":"Unauthorized", …}
//	token is not valid           401  {"error": "invalid_token", …}
//	session lacks a scope        403  {"error": "insufficient_scope", …}
//	write from another origin    403  {"error":"NotPermitted", …}
//	session cannot be checked    503  {"error":"ServiceUnavailable", …} and Retry-After: 1
//
// With [Options.PortalURL], browsers without a valid session sign in at the portal of a Postern server and come back;
// [Verifier.Handler] has the pages for this. With [Options.LoginURL], they are redirected to a login page of your own.
// [Options.ErrorHandler] replaces these responses.
//
// # Security of tokens
//
// The cache stores a digest in place of each token. Errors, events and redirect URLs contain no tokens.
//
// If a browser sends a token in the query, as links to the portal do, the middleware stores the token in a cookie that
// scripts cannot read, and redirects to the URL without the token. Anyone can send such a link to another person, who
// is then logged in as the sender. If your application does not use these links, set [Options.NoQueryToken].
package portalauth
