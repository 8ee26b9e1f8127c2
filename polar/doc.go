// Package polar is a client for the customer-session API of Polar (https://polar.sh) and of servers with the same API,
// such as Postern. It depends on the standard library only.
//
// # Usage
//
// Check a session token:
//
//	client, err := polar.New(polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))) // for Polar; see WithServerURL
//	if err != nil {
//		return err // an option has an invalid value
//	}
//	session, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(token))
//	switch {
//	case errors.Is(err, polar.ErrUnauthorized):
//		// the token is not valid: ask the customer to log in
//	case err != nil:
//		return err // the check failed; this says nothing about the token
//	default:
//		fmt.Println("live until", session.ExpiresAt)
//	}
//
// Create a session for a customer and send the customer to the portal:
//
//	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
//		Customer:  polar.ExternalCustomerID("user_1"), // or CustomerID
//		ReturnURL: polar.Set("https://example.com/account"),
//	})
//	if err != nil {
//		return err
//	}
//	http.Redirect(w, r, session.CustomerPortalURL, http.StatusSeeOther)
//
// Methods for the holder of a session have a [SessionSecurity] parameter for the session token. All other methods send
// the client's access token, or no credential if the route is public.
//
// To check the session of every request to a server, use the middleware of
// [github.com/postern-go/postern/polar/portalauth], which caches answers. To test without Polar, use
// [github.com/postern-go/postern/polar/polartest].
//
// # Routes
//
// The comment of each method names its HTTP route. "Postern only" marks a route that Polar does not have; on Polar the
// method returns [ErrNotFound].
//
// # Errors
//
// A response with status 400 or above is an [*Error], whatever its content type. Compare it with errors.Is:
//
//	ErrUnauthorized               status 401
//	ErrInvalidToken               status 401: the token is unknown, expired, revoked or damaged
//	ErrInsufficientScope          status 403: the token needs one of Error.Scopes
//	ErrSessionNotFresh            status 403: the change needs a fresh proof of the session's holder
//	ErrNotFound                   status 404
//	ErrAPIVersion                 status 404: the server does not have the version of the API
//	ErrCustomerSelectionRequired  status 409: a login matches several customers, listed in Error.Customers
//	ErrValidation                 status 422: Error.Fields are the invalid fields
//	ErrRateLimited                status 429: Error.RetryAfter is the time to wait
//
// Without such a response the error is a [*ConnectError], a [*TimeoutError], a [*DecodeError] or a [*RedirectError]. If
// the context ends, errors.Is finds context.Canceled or context.DeadlineExceeded in the error; errors.As also finds the
// [*Error] or the network error of the last attempt, if there was one. If nothing was sent, the error is [ErrMissingSecurity],
// [ErrMalformedToken] or one that describes the invalid option or argument.
//
// # Options
//
// An [Option] can be passed to [New] and to each call. The last one wins. An option of a call applies to that call
// only. An invalid option is an error of New or of the call, and nothing is sent.
//
//	client, err := polar.New(
//		polar.WithServer(polar.Sandbox), // or WithServerURL
//		polar.WithTimeout(5*time.Second),
//		polar.WithRetries(polar.RetryConfig{MaxRetries: 5}), // default: 2, of requests that can be repeated
//	)
//
// Polar adds a version of the API each quarter and removes the oldest. The client requests [DefaultAPIVersion]; see
// [WithAPIVersion].
//
// [WithTimeout] limits a single attempt; the default is 10 seconds. The context limits the call as a whole, with its
// retries and the delays between them.
//
// # Responses
//
// [WithResponseInto] gives the status, the headers and the request ID of a call that works; an [*Error] has those of a
// call that fails.
//
// # Other routes
//
// [Client.Do] calls routes of Polar for which the client has no method, such as those of products and orders.
//
// # Optional fields
//
// Fields that a request may omit, set to null, or set to a value have the type [Optional]: the zero value omits the
// field, [Null] sends null, and [Set] sends a value.
//
// # IDs
//
// Each kind of object has its own type of ID. The ID of an answer is passed to the next call as it is:
//
//	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: customer.ID})
//	…
//	_, err = client.CustomerSessions.Revoke(ctx, session.ID, "left the company")
//
// An ID from elsewhere is converted: polar.SessionID(s). A [CustomerRef] identifies a customer: either a [CustomerID],
// which the server assigned, or an [ExternalCustomerID], which the organization assigned. [MemberRef] does the same for
// members. An empty ID is an error, and nothing is sent.
//
// # Printing
//
// The types of answers and requests print their fields, also those that are pointers, without secrets:
//
//	log.Print(member) // polar.Member{ID: "…", CustomerID: "…", Email: "ada@example.com", Role: "owner"}
//
// # Lists
//
// A List method returns an iterator over all pages of a list. It can be ranged over several times. It sends no request
// before the first step, and its last step may be an error:
//
//	for customer, err := range client.Customers.List(ctx, polar.CustomerListParams{Sorting: []polar.Sort{polar.SortCreatedAt.Desc()}}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(customer.ID)
//	}
//
// A loop with one variable, for customer := range …, would lose the error. [Collect] returns the whole list and the
// error. The matching ListPage method returns a single page.
//
// # Webhooks
//
// [ParseWebhook] verifies and decodes the events that a server sends to a webhook endpoint.
//
// # Secrets
//
// Errors and log lines contain no tokens, login codes or other secrets. Types that hold a secret, such as
// [SessionSecurity], [CustomerSession] and [WebhookSecret], print without it. Error texts and stored response bodies
// have the request's credentials removed, and everything that looks like a token of Polar. Two exceptions: a cause that
// errors.Unwrap returns is the unchanged error of net/http, and the JSON encoding of a value contains its secret,
// unless the value is a SessionSecurity.
//
// Redirects are followed only to the same scheme, host and port.
package polar
