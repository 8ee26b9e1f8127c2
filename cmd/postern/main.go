// Command postern runs and asks a customer-session server.
//
//	postern dev                                        try it: a server with sample data, gone when it ends
//	postern init --data DIR --organization acme        make a store, an organization and its access token
//	postern serve --data DIR --public-url URL          serve
//	postern introspect [--server URL] [TOKEN]          is this session live?
//	postern revoke --data DIR -                        end a token that has leaked
//
// Every flag can also be set in the environment: --public-url as POSTERN_PUBLIC_URL.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
