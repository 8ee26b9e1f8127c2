// Package e2e tests Postern from the outside: it builds the real binary, starts
// it on a free port and a data directory of its own, and talks to it as its
// users do, over HTTP, by signals, and with Polar's official TypeScript SDKs.
//
// It is a module of its own because it needs Node, which the tests of the root
// module must not. A missing tool fails these tests; nothing is skipped.
package e2e
