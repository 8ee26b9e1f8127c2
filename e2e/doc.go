// Package e2e tests Postern from the outside. It builds the real binary, starts it on a free port with a new store, and uses it
// over HTTP, with signals, with Polar's official TypeScript and Python SDKs and framework adapters, and with a browser.
// portal_test.go has the actions of customers in the portal; storybook_test.go checks every page. Tests that depend on the store run twice, with a data directory and
// with PostgreSQL:
//
//	POSTERN_TEST_POSTGRES=$(../scripts/postgres start /tmp/postern-postgres) go test .
//	../scripts/postgres stop /tmp/postern-postgres
//
// The package is a separate module, because it needs libraries that the main module should not depend on. It also needs Node,
// Python, PostgreSQL and a browser; if one of them is missing, tests fail and are not skipped.
package e2e
