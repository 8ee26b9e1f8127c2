// Package testserver runs a whole Postern server for tests. The store is a SQLite file or, with POSTERN_TEST_BACKEND=postgres,
// a PostgreSQL database. The test moves the server's clock and reads the mails that the server sends.
//
//	srv := testserver.New(t, testserver.RateLimits("off"))
//	customer := srv.Ada()
//	session := srv.CustomerSession(customer)
//	srv.Advance(2 * time.Hour)
//	srv.As(session.Token, "GET", "/v1/customer-portal/customer-session/introspect", "").Is(t, 401)
//
// Every answer of a documented operation is checked against the OpenAPI document. When the test ends, the server's log must not
// contain any of the tokens that the test created. Only tests import this package.
package testserver
