// Package polar is a client for Polar's customer-session API, and for every server that speaks its wire. It uses the
// standard library alone.
//
// Most people need these lines:
//
//	client, err := polar.New() // asks https://api.polar.sh
//	if err != nil {
//		return err // an option has a bad value
//	}
//	session, err := client.CustomerPortal.CustomerSession.Introspect(ctx,
//		polar.SessionSecurity{CustomerSession: os.Getenv("POLAR_CUSTOMER_SESSION")})
//	switch {
//	case errors.Is(err, polar.ErrUnauthorized):
//		// the session has ended, or never was: let the customer log in
//	case err != nil:
//		return err // could not ask
//	default:
//		fmt.Println("live until", session.ExpiresAt)
//	}
//
// A token that begins with [MemberSessionPrefix] goes into SessionSecurity.MemberSession.
//
// # Options
//
// Every [Option] can be given to [New] and to each call; the last one wins, and a call's options last for that call.
// An option with a bad value is an error from New or from the call, and then nothing is sent.
//
//	client, err := polar.New(
//		polar.WithServer(polar.Sandbox),              // or WithServerURL
//		polar.WithAPIVersion(polar.V2026_10),
//		polar.WithRetries(polar.RetryConfig{RetryConnectionErrors: true}), // no retries without
//	)
//
// [WithTimeout] bounds one attempt, ten seconds unless told otherwise. What bounds the whole, retries and the waiting
// between them included, is the context.
//
// # Errors
//
// An answer of 400 and above is an [*Error], whatever its content type. Ask it with errors.Is, never by its text:
//
//	ErrUnauthorized       every 401
//	ErrInvalidToken       the 401 of a token that is unknown, ended or damaged
//	ErrInsufficientScope  a live token that may not do this
//	ErrNotFound           404
//	ErrValidation         422; Error.Fields says where
//	ErrRateLimited        429; Error.RetryAfter says how long
//
// Without such an answer the error is a [*ConnectError], a [*TimeoutError], a [*DecodeError] or a [*RedirectError].
// When the context ends, errors.Is finds context.Canceled or context.DeadlineExceeded in the error, and errors.As the
// last [*Error] of the attempts before.
//
// # Secrets
//
// No error and no log line holds a token: [SessionSecurity] and [CustomerSession] print without theirs, and whatever
// looks like the request's credentials is taken out of error texts and kept bodies. (The cause that errors.Unwrap
// finds is as the network code made it.) A redirect is followed on the same scheme, host and port only. JSON made of a
// CustomerSession is the wire's, and does hold the token.
package polar
