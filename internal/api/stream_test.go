package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

const (
	customers   = "/v1/customers/"
	sessions    = "/v1/customer-sessions/"
	revoke      = sessions + "revoke"
	revocations = sessions + "revocations"
)

func TestStream(t *testing.T) {
	srv := testserver.New(t)
	other := srv.Neighbor("bolt")
	team, boss, _, ofBoss, _ := srv.TeamWithSessions()
	theirs := other.CustomerSession(other.Ada())
	reading := srv.AccessToken("customer_sessions:read").Token
	all, others := srv.Listen(reading, ""), other.Listen(other.Token, "")
	want := func(s *testserver.Stream, customer, member, id, reason string) {
		t.Helper()
		e := s.Next()
		null := func(s string) string {
			if s == "" {
				return "null"
			}
			return s
		}
		if e.Kind != "customer_session.revoked" || testserver.OrNull(e.CustomerID) != null(customer) || testserver.OrNull(e.MemberID) != null(member) ||
			testserver.OrNull(e.CustomerSessionID) != null(id) || string(e.Reason) != reason || !e.RevokedAt.Equal(testserver.Start) {
			t.Errorf("%s: %s %s %s %s %s", e.Kind, testserver.OrNull(e.CustomerID), testserver.OrNull(e.MemberID), testserver.OrNull(e.CustomerSessionID), e.Reason, e.RevokedAt)
		}
	}
	srv.Must(200, srv.As(srv.Token, "DELETE", sessions+ofBoss.ID+"?reason=a%0Ab", "")) // a line break in a reason must not break the stream
	want(all, team.ID, boss.ID, ofBoss.ID, "a\nb")
	other.Must(200, other.As(other.Token, "DELETE", sessions+theirs.ID, ""))
	srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"customer_id":"`+team.ID+`","member_id":"`+boss.ID+`"}`))
	want(all, team.ID, boss.ID, "", "revoked")
	srv.Must(204, srv.As(srv.Token, "DELETE", customers+team.ID, ""))
	want(all, team.ID, "", "", "customer_deleted")
	srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"all":true,"reason":"everybody"}`))
	want(all, "", "", "", "everybody")
	want(others, theirs.CustomerID, testserver.OrNull(other.SessionInfo(theirs.ID).MemberID), theirs.ID, "revoked")
	if e, ok := others.Any(); !ok || e.Comment != "still here" {
		t.Errorf("an idle stream sent %+v", e)
	}
	for _, bad := range []string{"x", "-1", "1.5", "99999999999999999999"} {
		if a := srv.As(srv.Token, "GET", revocations, "", "Last-Event-ID", bad); a.Status != 422 {
			t.Errorf("Last-Event-ID %s: %d %s", bad, a.Status, a.Body)
		}
	}
}

// A reader that reconnects with the last ID misses no event and gets none twice, even during concurrent writes.
func TestStreamResumes(t *testing.T) {
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	const writers, each = 8, 50
	s := srv.Listen(srv.Token, "")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				srv.Must(204, srv.As(srv.Token, "POST", revoke, fmt.Sprintf(`{"external_customer_id":"user_1","reason":"%d-%d"}`, w, i)))
			}
		})
	}
	var got []string
	for len(got) < writers*each {
		if rand.IntN(20) == 0 {
			last := s.LastID
			s.Close()
			s = srv.Listen(srv.Token, last)
		}
		got = append(got, string(s.Next().Reason))
	}
	wg.Wait()
	again := srv.Listen(srv.Token, "0")
	for i, want := range got {
		if reason := again.Next().Reason; string(reason) != want {
			t.Fatalf("event %d is %s, and was %s", i, reason, want)
		}
	}
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != writers*each {
		t.Errorf("%d different events of %d", len(got), writers*each)
	}
}

// A stream ends if its access token is deleted or loses the scope, and if the server shuts down.
func TestStreamEnds(t *testing.T) {
	srv := testserver.New(t)
	token := srv.AccessToken("customer_sessions:read")
	s := srv.Listen(token.Token, "")
	srv.Must(200, srv.As(srv.Token, "PATCH", "/v1/organization-access-tokens/"+token.ID, `{"scopes":["customers:read"]}`))
	s.ExpectEnd()
	token = srv.AccessToken("customer_sessions:read")
	s = srv.Listen(token.Token, "")
	srv.Must(204, srv.As(srv.Token, "DELETE", "/v1/organization-access-tokens/"+token.ID, ""))
	s.ExpectEnd()

	server := httptest.NewUnstartedServer(srv.Postern.Handler())
	server.Config.RegisterOnShutdown(srv.Postern.Drain)
	server.Start()
	s = srv.ListenAt(server.URL, srv.Token, "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := server.Config.Shutdown(ctx); err != nil {
		t.Errorf("an open stream prevents the shutdown: %v", err)
	}
	s.ExpectEnd()
}

// The read and write timeouts of the HTTP server do not end a stream.
func TestStreamOutlivesTimeouts(t *testing.T) {
	srv := testserver.New(t)
	c := srv.Ada()
	server := httptest.NewUnstartedServer(srv.Postern.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
	server.Start()
	defer server.Close()
	s := srv.ListenAt(server.URL, srv.Token, "")
	for range 10 { // half a second
		if _, ok := s.Any(); !ok {
			t.Fatal("the stream has ended")
		}
	}
	srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"customer_id":"`+c.ID+`"}`))
	if e := s.Next(); testserver.OrNull(e.CustomerID) != c.ID {
		t.Errorf("%+v", e)
	}
	s.Close()
}

// A reader that stops reading delays no other reader, is disconnected, and misses no event when it reconnects.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, testserver.RateLimits("off"))
	srv.Ada()
	server := httptest.NewUnstartedServer(srv.Postern.Handler())
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		c.(*net.TCPConn).SetWriteBuffer(4096)
		return ctx
	}
	server.Start()
	defer server.Close()
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.TCPConn).SetReadBuffer(4096)
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nLast-Event-ID: 0\r\n\r\n", revocations, srv.Token)
	fast := srv.Listen(srv.Token, "0")

	const events = 400
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() {
			for i := range events / 10 {
				reason := fmt.Sprintf("%d %s", w*events/10+i, strings.Repeat("😀", 90))
				srv.Must(204, srv.As(srv.Token, "POST", revoke, `{"external_customer_id":"user_1","reason":"`+reason+`"}`))
			}
		})
	}
	var want []string
	for range events {
		want = append(want, fast.Next().ID)
	}
	wg.Wait()
	time.Sleep(2 * time.Second) // longer than the server waits for a slow reader
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	slow := testserver.NewStream(t, response.Body)
	var got []string
	for {
		e, ok := slow.Any()
		if !ok {
			break
		}
		if e.Kind == "customer_session.revoked" {
			got = append(got, e.ID)
		}
	}
	dropped := slow.Err() // events in transit may be lost
	if len(got) == 0 || len(got) == events || dropped != nil && dropped != io.ErrUnexpectedEOF && !errors.Is(dropped, syscall.ECONNRESET) {
		t.Fatalf("the slow reader read %d events, and then %v", len(got), dropped)
	}
	t.Logf("the slow reader was sent %d of %d events", len(got), events)
	again := srv.Listen(srv.Token, got[len(got)-1])
	for len(got) < events {
		got = append(got, again.Next().ID)
	}
	if !slices.Equal(got, want) {
		t.Error("the reader that reconnected got other events than the one that stayed connected")
	}
}
