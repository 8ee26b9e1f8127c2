// Command revocations follows the revocation stream of an organization and prints each revocation. A program that caches
// sessions uses the stream to delete revoked sessions from its cache. Package portalauth does that for HTTP handlers.
//
//	POLAR_SERVER_URL=http://127.0.0.1:8787 POLAR_ACCESS_TOKEN=polar_oat_… go run ./examples/revocations
//
// The access token needs the scope customer_sessions:read. Polar has no revocation stream.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/postern-go/postern/polar"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := polar.New(polar.WithServerURL(os.Getenv("POLAR_SERVER_URL")), polar.WithAccessToken(os.Getenv("POLAR_ACCESS_TOKEN")))
	if err == nil {
		err = follow(ctx, client, func(r polar.CustomerSessionRevocation) {
			log.Print("revoked: ", scope(r), ", reason: ", r.Reason)
		})
	}
	if err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

// follow calls handle for each revocation until ctx ends. When the stream breaks, follow reconnects and continues after the
// last event that it received, so that it misses no event.
func follow(ctx context.Context, client *polar.Client, handle func(polar.CustomerSessionRevocation)) error {
	for last := ""; ctx.Err() == nil; time.Sleep(time.Second) {
		for event, err := range client.CustomerSessions.Revocations(ctx, last) {
			switch {
			case errors.Is(err, polar.ErrUnauthorized), errors.Is(err, polar.ErrNotFound):
				return err // reconnecting would not help
			case err != nil:
				log.Print(err, "; reconnecting")
			case event.Revocation == nil: // a heartbeat
				last = event.ID
			default:
				handle(*event.Revocation)
				last = event.ID
			}
		}
	}
	return ctx.Err()
}

// scope describes which sessions a revocation ended.
func scope(r polar.CustomerSessionRevocation) string {
	switch {
	case r.CustomerSessionID != nil:
		return "session " + *r.CustomerSessionID
	case r.MemberID != nil:
		return "all sessions of member " + *r.MemberID
	case r.CustomerID != nil:
		return "all sessions of customer " + *r.CustomerID
	}
	return "all sessions of the organization"
}
