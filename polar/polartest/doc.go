// Package polartest starts a customer-session server inside a test. The server implements Polar's API on a loopback port, with a
// store of its own, a clock that the test can move, a mailbox that the test can read, and faults that the test can inject. It
// starts in a few milliseconds, stops when the test ends, and needs no network, no account and no other program.
//
// Most tests need only this:
//
//	func TestInvoices(t *testing.T) {
//		srv := polartest.New(t)
//		app := NewApp(srv.Client()) // your program, which uses this server instead of Polar
//
//		session := srv.Session() // creates a customer too
//		if status := get(app, "/invoices", session.Token); status != http.StatusOK {
//			t.Errorf("a live session: %d", status)
//		}
//		srv.Advance(2 * time.Hour)
//		if status := get(app, "/invoices", session.Token); status != http.StatusUnauthorized {
//			t.Errorf("an expired session: %d", status)
//		}
//	}
//
// A program that creates its own client uses [Server.URL] for polar.WithServerURL and [Server.AccessToken] for
// polar.WithAccessToken. A program that uses portalauth sets the clock of its verifier: portalauth.Options{Now: srv.Now}.
//
// # Logging in
//
// A customer logs in with a code that the server sends by mail:
//
//	ada := srv.Customer()
//	post(app, "/login", *ada.Email)
//	code := srv.MailTo(*ada.Email).Code
//
// [Server.Mail] and [Server.MailTo] wait for the mail, so the test does not need to sleep.
//
// # Faults
//
//	srv.Fail(polartest.Next(3), 503)                           // the next three requests
//	srv.Fail(polartest.Next(1).On("POST /v1/customers/"), 500) // the next request to this route
//	srv.RateLimit(polartest.Next(1), 2*time.Second)            // 429 with Retry-After: 2
//	srv.Delay(polartest.Always(), 300*time.Millisecond)
//	srv.Drop(polartest.Next(1))                                // the server does not receive the request
//	srv.Truncate(polartest.Next(1))                            // the server handles the request, but the response is cut off
//	srv.Recover()                                              // removes all faults
//
// Each of them returns a [Fault], which counts the requests that it was applied to. [Server.Requests] lists all requests.
//
// # Parallel tests
//
// Each server has its own store, so parallel tests do not affect each other. Methods that fail end the test with t.Fatal. Like
// t.Fatal, they must be called from the goroutine of the test.
//
// Tests in other languages have the same features with "postern dev --test-api"; see docs/testing.md.
package polartest
