// Command revoke lists and revokes the sessions of a customer.
//
//	go run ./examples/revoke user_1               list the live sessions
//	go run ./examples/revoke user_1 SESSION_ID    revoke one session
//	go run ./examples/revoke user_1 all           revoke all sessions
//
// The first argument is the customer's external id. POLAR_SERVER_URL is the URL of a Postern server; Polar cannot list or revoke
// sessions. POLAR_ACCESS_TOKEN needs the scopes customer_sessions:read and customer_sessions:write.
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
		fmt.Fprintln(os.Stderr, "revoke:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("usage: revoke EXTERNAL_CUSTOMER_ID [SESSION_ID | all]")
	}
	client, err := polar.New(polar.WithServerURL(os.Getenv("POLAR_SERVER_URL")), polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN")))
	if err != nil {
		return err
	}
	customer := polar.ExternalCustomerID(args[0])
	switch {
	case len(args) == 1:
		return list(ctx, client, customer, out)
	case args[1] == "all":
		return client.CustomerSessions.RevokeCustomer(ctx, customer, "revoked by support")
	}
	_, err = client.CustomerSessions.Revoke(ctx, polar.SessionID(args[1]), "revoked by support")
	return err
}

// list prints the live sessions of a customer. The iterator loads further pages on its own.
func list(ctx context.Context, client *polar.Client, customer polar.CustomerRef, out io.Writer) error {
	for session, err := range client.CustomerSessions.List(ctx, polar.CustomerSessionListParams{Customer: customer, State: polar.SessionLive}) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, session.ID, "expires", session.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}
