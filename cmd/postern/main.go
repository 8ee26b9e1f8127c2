// Command postern runs and manages a customer-session server.
//
//	postern dev                                        start a temporary server with sample data
//	postern init --data DIR --organization acme        create a store, an organization and an access token
//	postern serve --data DIR --public-url URL          start a server
//	postern introspect [--server URL] [TOKEN]          report whether a session is live
//	postern revoke --data DIR -                        revoke a leaked token
//
// postern --help lists all commands. Flags can also be set in the environment: --public-url as POSTERN_PUBLIC_URL.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
