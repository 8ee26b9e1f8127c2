// Package wiretest tests the API from outside: requests over HTTP to a whole server, and the bytes of the answers. docs/wire.md
// describes what the tests rely on. The package has no code of its own.
package wiretest
