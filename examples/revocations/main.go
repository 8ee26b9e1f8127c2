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

// follow calls handle for each revocation until ctx ends. FollowRevocations reconnects when the stream breaks, and misses none.
func follow(ctx context.Context, client *polar.Client, handle func(polar.CustomerSessionRevocation)) error {
	for event, err := range client.CustomerSessions.FollowRevocations(ctx, "") {
		switch {
		case errors.Is(err, polar.ErrUnauthorized), errors.Is(err, polar.ErrMissingSecurity), errors.Is(err, polar.ErrNotFound):
			return err // reconnecting would not help
		case err != nil && ctx.Err() == nil:
			log.Print(err, "; reconnecting")
		case event.Revocation != nil: // other events are heartbeats
			handle(*event.Revocation)
		}
	}
	return ctx.Err()
}

// scope describes which sessions a revocation ended.
func scope(r polar.CustomerSessionRevocation) string {
	switch {
	case r.CustomerSessionID != nil:
		return "session " + string(*r.CustomerSessionID)
	case r.MemberID != nil:
		return "all sessions of member " + string(*r.MemberID)
	case r.CustomerID != nil:
		return "all sessions of customer " + string(*r.CustomerID)
	}
	return "all sessions of the organization"
}
