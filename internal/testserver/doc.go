// Package testserver runs a whole Postern server for tests: on a SQLite file, or, with POSTERN_TEST_BACKEND=postgres, on a
// PostgreSQL database of its own; with a clock that the test moves and a mail server that the test reads.
//
//	srv := testserver.New(t, testserver.RateLimits("off"))
//	customer := srv.Ada()
//	session := srv.CustomerSession(customer)
//	srv.Advance(2 * time.Hour)
//	srv.As(session.Token, "GET", "/v1/customer-portal/customer-session/introspect", "").Is(t, 401)
//
// Every answer of a documented operation is checked against the OpenAPI document. When the test ends, the server's log must
// not contain any of the tokens that the test created. Only tests import this package.
package testserver
