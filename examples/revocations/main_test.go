package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/polartest"
)

func TestFollowsRevocations(t *testing.T) {
	srv := polartest.New(t)
	client := srv.Client()
	session := srv.Session()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	revoked := make(chan string, 10)
	done := make(chan error)
	go func() {
		done <- follow(ctx, client, func(r polar.CustomerSessionRevocation) { revoked <- scope(r) })
	}()
	// The stream starts at the present, so revoke sessions until it has begun.
	deadline := time.After(20 * time.Second)
	for got := ""; got == ""; {
		other := srv.Session()
		if _, err := client.CustomerSessions.Revoke(ctx, other.ID, "test"); err != nil {
			t.Fatal(err)
		}
		select {
		case got = <-revoked:
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatal("no revocation was received")
		}
	}
	if err := client.CustomerSessions.RevokeCustomer(ctx, session.CustomerID, "test"); err != nil {
		t.Fatal(err)
	}
	for want, got := "all sessions of customer "+string(session.CustomerID), ""; got != want; {
		select {
		case got = <-revoked:
		case <-deadline:
			t.Fatalf("%q was not received", want)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("follow returned %v", err)
	}
}

func TestScope(t *testing.T) {
	for want, r := range map[string]polar.CustomerSessionRevocation{
		"session 1":                        {CustomerSessionID: new(polar.SessionID("1")), CustomerID: new(polar.CustomerID("1"))},
		"all sessions of member 1":         {MemberID: new(polar.MemberID("1")), CustomerID: new(polar.CustomerID("1"))},
		"all sessions of the organization": {},
	} {
		if got := scope(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
