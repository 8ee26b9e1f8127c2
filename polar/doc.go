// Package polar is a client for Polar's customer-session API, and for every server that speaks its wire, as Postern does. It uses
// the standard library alone.
//
// Most people need these lines. Who is calling?
//
//	client, err := polar.New(polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))) // asks Polar; see WithServerURL
//	if err != nil {
//		return err // an option has a bad value
//	}
//	session, err := client.CustomerPortal.CustomerSession.Introspect(ctx, polar.SecurityFor(token))
//	switch {
//	case errors.Is(err, polar.ErrUnauthorized):
//		// the session has ended, or never was: let the customer log in
//	case err != nil:
//		return err // could not ask
//	default:
//		fmt.Println("live until", session.ExpiresAt)
//	}
//
// And a session for a customer of yours, who is sent to the portal with it:
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
// What takes the token of a session has a parameter for it; everything else takes the access token of the client. To ask on every
// request of a server, use [github.com/postern-go/postern/polar/portalauth], and to test without Polar,
// [github.com/postern-go/postern/polar/polartest]. A method whose comment says "Postern:" is one that Polar does not have: there it is
// [ErrNotFound].
//
// # Errors
//
// An answer of 400 and above is an [*Error], whatever its content type. Ask it with errors.Is, never by its text:
//
//	ErrUnauthorized               every 401
//	ErrInvalidToken               the 401 of a token that is unknown, ended or damaged
//	ErrInsufficientScope          a live token that may not do this; Error.Scopes says what it lacks
//	ErrNotFound                   404
//	ErrCustomerSelectionRequired  a login of several customers' address; Error.Customers has them
//	ErrValidation                 422; Error.Fields says where
//	ErrRateLimited                429; Error.RetryAfter says how long
//
// Without such an answer the error is a [*ConnectError], a [*TimeoutError], a [*DecodeError] or a [*RedirectError].
// When the context ends, errors.Is finds context.Canceled or context.DeadlineExceeded in the error, and errors.As the
// last [*Error] of the attempts before. With nothing sent, it is [ErrMissingSecurity], [ErrMalformedToken], or says what was wrong.
//
// # Options
//
// Every [Option] can be given to [New] and to each call; the last one wins, and a call's options last for that call.
// An option with a bad value is an error from New or from the call, and then nothing is sent.
//
//	client, err := polar.New(
//		polar.WithServer(polar.Sandbox), // or WithServerURL
//		polar.WithAPIVersion(polar.Version202610),
//		polar.WithRetries(polar.RetryConfig{RetryConnectionErrors: true}), // no retries without
//	)
//
// [WithTimeout] bounds one attempt, ten seconds unless told otherwise. What bounds the whole, retries and the waiting
// between them included, is the context.
//
// # Fields that can be left out
//
// Where a request can leave a field as it is, empty it, or change it, the field is an [Optional]: its zero value is left out,
// [Null] is null, [Set] is a value.
//
// # Who is meant
//
// A customer is named by a [CustomerID] or, by your own name for it, an [ExternalCustomerID]; both are a [CustomerRef], and likewise
// for members. One that is empty is an error before anything is sent: it never stands for everybody.
//
// # Lists
//
// A list is an iterator over all of its pages, and can be ranged over more than once. It fetches nothing before its first step; its
// last step may be an error:
//
//	for customer, err := range client.Customers.List(ctx, polar.CustomerListParams{Sorting: []polar.Sort{polar.SortCreatedAt.Desc()}}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(customer.ID)
//	}
//
// Each has a method for one page at a time beside it, ListPage.
//
// # Webhooks
//
// [ParseWebhook] reads what a server sends to an endpoint of yours, if it is signed and fresh.
//
// # Secrets
//
// No error and no log line holds a token, a login code or any other secret: what holds one, such as [SessionSecurity],
// [CustomerSession] and [WebhookSecret], prints without it, and whatever looks like the request's credentials is taken out of error
// texts and kept bodies. (The cause that errors.Unwrap finds is as the network code made it.) A redirect is followed on the same
// scheme, host and port only. JSON made of a CustomerSession is the wire's, and does hold the token.
package polar
