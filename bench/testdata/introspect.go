// Command introspect introspects one session with package polar. The benchmark measures its binary size.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/postern-go/postern/polar"
)

func main() {
	client, err := polar.New(polar.WithServerURL(os.Args[1]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	session, err := client.CustomerPortal.CustomerSession.Introspect(context.Background(), polar.SecurityFor(os.Args[2]))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("live until", session.ExpiresAt)
}
