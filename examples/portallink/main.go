// Command portallink prints a link that opens the portal of a customer, for example to paste it into a support chat.
//
//	POLAR_ACCESS_TOKEN=polar_oat_… go run ./examples/portallink user_1
//
// The argument is the customer's external id. The access token needs the scope customer_sessions:write. Set POLAR_SERVER_URL to
// use a Postern server instead of Polar. On Postern the link can be opened only once.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/postern-go/postern/polar"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "portallink:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: portallink EXTERNAL_CUSTOMER_ID")
	}
	options := []polar.Option{polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN"))}
	if url := os.Getenv("POLAR_SERVER_URL"); url != "" {
		options = append(options, polar.WithServerURL(url))
	}
	client, err := polar.New(options...)
	if err != nil {
		return err
	}
	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{
		Customer:    polar.ExternalCustomerID(args[0]),
		ExpiresIn:   15 * time.Minute, // Polar ignores this field and the next one
		OneTimeLink: polar.Set(true),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, session.CustomerPortalURL)
	fmt.Fprintln(out, "The session ends at", session.ExpiresAt.Local().Format(time.DateTime)+".")
	return nil
}
