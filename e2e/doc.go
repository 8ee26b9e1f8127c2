// Package e2e tests Postern from the outside: it builds the real binary, starts
// it on a free port with a store of its own, and talks to it as its users do, over
// HTTP, by signals, with Polar's official TypeScript and Python SDKs, and with a
// browser: portal_test.go is what customers do, and storybook_test.go looks at
// every page. What does not depend on the store runs twice, on a data directory and
// on PostgreSQL:
//
//	POSTERN_TEST_POSTGRES=$(../scripts/postgres start /tmp/postern-postgres) go test .
//	../scripts/postgres stop /tmp/postern-postgres
//
// It is a module of its own because it needs Node, Python, PostgreSQL and a browser,
// and what drives them, which the tests of the root module must not. A missing tool
// fails these tests; nothing is skipped.
package e2e
