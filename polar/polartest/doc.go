// Package polartest starts a whole customer-session server inside a test: Polar's wire on a loopback port, a store of its own, a
// clock that can be moved, a mailbox that can be read, and faults that can be injected. It starts in a few milliseconds, ends with
// the test, and needs no network, no account and no other program.
//
// Most people need these lines:
//
//	func TestInvoices(t *testing.T) {
//		srv := polartest.New(t)
//		app := NewApp(srv.Client()) // your program, which asks this server in place of Polar
//
//		session := srv.Session() // of a new customer
//		if status := get(app, "/invoices", session.Token); status != http.StatusOK {
//			t.Errorf("a live session: %d", status)
//		}
//		srv.Advance(2 * time.Hour)
//		if status := get(app, "/invoices", session.Token); status != http.StatusUnauthorized {
//			t.Errorf("an expired session: %d", status)
//		}
//	}
//
// A program that makes its own client gets [Server.URL] for polar.WithServerURL and [Server.AccessToken] for
// polar.WithAccessToken. One that uses portalauth gives its verifier the clock of the test, portalauth.Options{Now: srv.Now}.
//
// # Logging in
//
// A customer logs in with a code that comes by mail:
//
//	ada := srv.Customer()
//	post(app, "/login", *ada.Email)
//	code := srv.MailTo(*ada.Email).Code
//
// [Server.Mail] and [Server.MailTo] wait until the mail is there, so that nothing in a test need sleep.
//
// # When things go wrong
//
//	srv.Fail(polartest.Next(3), 503)                        // the next three requests
//	srv.Fail(polartest.Next(1).On("POST /v1/customers/"), 500) // the next one to this route
//	srv.RateLimit(polartest.Next(1), 2*time.Second)         // 429, with Retry-After: 2
//	srv.Delay(polartest.Always(), 300*time.Millisecond)
//	srv.Drop(polartest.Next(1))                             // the request is lost
//	srv.Truncate(polartest.Next(1))                         // the answer is lost half way, and what was asked for is done
//	srv.Recover()                                           // and all is well again
//
// Each returns a [Fault] that counts what it has struck, and [Server.Requests] tells what has been asked.
//
// # Many tests
//
// Each server has a store of its own: tests that run in parallel never meet. A method that cannot do what it is for ends the test
// (t.Fatal), and so, as with t.Fatal itself, belongs into the goroutine of the test.
//
// Tests in other languages have the same from "postern dev --test-api"; see docs/testing.md.
package polartest
