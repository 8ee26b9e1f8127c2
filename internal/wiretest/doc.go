// Package wiretest tests the API from outside: it sends requests over HTTP to a complete server and compares the bytes of the
// answers. docs/wire.md describes the behavior that it checks. The package contains only tests.
package wiretest
