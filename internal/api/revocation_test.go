package api_test

import (
	"bufio"
	"context"
	"encoding/json"
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

	"github.com/postern-go/postern/polar"
)

// event is one of a stream; a comment has a text alone.
type event struct {
	id, kind, comment string
	polar.CustomerSessionRevocation
}

// reader reads a stream.
type reader struct {
	t      *testing.T
	lines  *bufio.Scanner
	last   string
	hangUp func()
}

// listen opens a stream behind the event with that id, or, with "", from now on.
func (h *house) listen(token, last string) *reader {
	h.t.Helper()
	return h.listenAt(h.server.URL, token, last)
}

func (h *house) listenAt(url, token, last string) *reader {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", url+revocations, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" || response.Header.Get("Cache-Control") != "private, no-store" {
		h.t.Fatalf("a stream begins with %d %v", response.StatusCode, response.Header)
	}
	s := &reader{t: h.t, lines: bufio.NewScanner(response.Body), last: last, hangUp: func() { cancel(); response.Body.Close() }}
	h.t.Cleanup(s.hangUp)
	if e, ok := s.any(); !ok || e.id == "" || last != "" && e.id != last || e.comment == "" {
		h.t.Fatalf("a stream begins with %+v", e)
	}
	return s
}

// any is the next event or comment; false is the end of the stream.
func (s *reader) any() (e event, ok bool) {
	data := ""
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			data = value
		case "":
			if value != "" {
				e.comment = value
				continue
			}
			if e.id != "" {
				s.last = e.id
			}
			if e.kind != "" {
				if err := json.Unmarshal([]byte(data), &e.CustomerSessionRevocation); err != nil {
					s.t.Errorf("%s: %v", data, err)
				}
			}
			return e, true
		}
	}
	return e, false // what has no empty line behind it was cut off
}

// next is the next event.
func (s *reader) next() event {
	s.t.Helper()
	for {
		e, ok := s.any()
		if !ok {
			s.t.Fatal("the stream has ended")
		}
		if e.kind != "" {
			return e
		}
	}
}

// ended waits for the end of the stream, before which there is no event.
func (s *reader) ended() {
	s.t.Helper()
	for {
		e, ok := s.any()
		if !ok {
			return
		}
		if e.kind != "" {
			s.t.Errorf("%+v", e)
		}
	}
}

func TestStream(t *testing.T) {
	h := newHouse(t, false)
	other := h.neighbour("bolt")
	team, boss, _, ofBoss, _ := h.crew()
	theirs := other.sessionFor(other.customer())
	reading, _ := h.withScopes("customer_sessions:read")
	all, others := h.listen(reading, ""), other.listen(other.token, "")
	want := func(s *reader, customer, member, id, reason string) {
		t.Helper()
		e := s.next()
		null := func(s string) string {
			if s == "" {
				return "null"
			}
			return s
		}
		if e.kind != "customer_session.revoked" || text(e.CustomerID) != null(customer) || text(e.MemberID) != null(member) ||
			text(e.CustomerSessionID) != null(id) || e.Reason != reason || !e.RevokedAt.Equal(start) {
			t.Errorf("%s: %s %s %s %s %s", e.kind, text(e.CustomerID), text(e.MemberID), text(e.CustomerSessionID), e.Reason, e.RevokedAt)
		}
	}
	h.must(200, h.as(h.token, "DELETE", sessions+ofBoss.ID+"?reason=a%0Ab", "")) // a line break in a reason is no line of the stream
	want(all, team.ID, boss.ID, ofBoss.ID, "a\nb")
	other.must(200, other.as(other.token, "DELETE", sessions+theirs.ID, ""))
	h.must(204, h.as(h.token, "POST", revoke, `{"customer_id":"`+team.ID+`","member_id":"`+boss.ID+`"}`))
	want(all, team.ID, boss.ID, "", "revoked")
	h.must(204, h.as(h.token, "DELETE", customers+team.ID, ""))
	want(all, team.ID, "", "", "customer_deleted")
	h.must(204, h.as(h.token, "POST", revoke, `{"all":true,"reason":"everybody"}`))
	want(all, "", "", "", "everybody")
	want(others, theirs.CustomerID, text(h.memberOf(other, theirs)), theirs.ID, "revoked")
	if e, ok := others.any(); !ok || e.comment != "still here" {
		t.Errorf("a stream with nothing to say says %+v", e)
	}
	for _, bad := range []string{"x", "-1", "1.5", "99999999999999999999"} {
		if a := h.as(h.token, "GET", revocations, "", "Last-Event-ID", bad); a.status != 422 {
			t.Errorf("Last-Event-ID %s: %d %s", bad, a.status, a.body)
		}
	}
}

func (h *house) memberOf(of *house, s made) *string { return of.info(s.ID).MemberID }

// Whoever comes back with the last id that they have read misses nothing and reads nothing twice, though others write
// meanwhile.
func TestStreamResumes(t *testing.T) {
	h := newHouse(t, false, limited("off"))
	h.customer()
	const writers, each = 8, 50
	s := h.listen(h.token, "")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				h.must(204, h.as(h.token, "POST", revoke, fmt.Sprintf(`{"external_customer_id":"user_1","reason":"%d-%d"}`, w, i)))
			}
		})
	}
	var got []string
	for len(got) < writers*each {
		if rand.IntN(20) == 0 {
			last := s.last
			s.hangUp()
			s = h.listen(h.token, last)
		}
		got = append(got, s.next().Reason)
	}
	wg.Wait()
	again := h.listen(h.token, "0")
	for i, want := range got {
		if reason := again.next().Reason; reason != want {
			t.Fatalf("event %d is %s, and was %s", i, reason, want)
		}
	}
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != writers*each {
		t.Errorf("%d different events of %d", len(got), writers*each)
	}
}

// A stream ends with the access token that it was opened with, and with the server.
func TestStreamEnds(t *testing.T) {
	h := newHouse(t, false)
	token, id := h.withScopes("customer_sessions:read")
	s := h.listen(token, "")
	h.must(200, h.as(h.token, "PATCH", "/v1/organization-access-tokens/"+id, `{"scopes":["customers:read"]}`))
	s.ended()
	token, id = h.withScopes("customer_sessions:read")
	s = h.listen(token, "")
	h.must(204, h.as(h.token, "DELETE", "/v1/organization-access-tokens/"+id, ""))
	s.ended()

	server := httptest.NewUnstartedServer(h.postern.Handler())
	server.Config.RegisterOnShutdown(h.postern.Drain)
	server.Start()
	s = h.listenAt(server.URL, h.token, "")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := server.Config.Shutdown(ctx); err != nil {
		t.Errorf("a stream keeps the server from ending: %v", err)
	}
	s.ended()
}

// What a server allows for reading a request, and for writing an answer, does not end a stream.
func TestStreamOutlivesTimeouts(t *testing.T) {
	h := newHouse(t, false)
	c := h.customer()
	server := httptest.NewUnstartedServer(h.postern.Handler())
	server.Config.ReadTimeout, server.Config.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
	server.Start()
	defer server.Close()
	s := h.listenAt(server.URL, h.token, "")
	for range 10 { // half a second
		if _, ok := s.any(); !ok {
			t.Fatal("the stream has ended")
		}
	}
	h.must(204, h.as(h.token, "POST", revoke, `{"customer_id":"`+c.ID+`"}`))
	if e := s.next(); text(e.CustomerID) != c.ID {
		t.Errorf("%+v", e)
	}
	s.hangUp()
}

// A reader who takes nothing holds nobody up, is dropped, and misses nothing when it comes back.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	h := newHouse(t, false, limited("off"))
	h.customer()
	server := httptest.NewUnstartedServer(h.postern.Handler())
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
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nLast-Event-ID: 0\r\n\r\n", revocations, h.token)
	fast := h.listen(h.token, "0")

	const events = 1500
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() {
			for i := range events / 10 {
				reason := fmt.Sprintf("%d %s", w*events/10+i, strings.Repeat("😀", 90))
				h.must(204, h.as(h.token, "POST", revoke, `{"external_customer_id":"user_1","reason":"`+reason+`"}`))
			}
		})
	}
	var want []string
	for range events {
		want = append(want, fast.next().id)
	}
	wg.Wait()
	time.Sleep(2 * time.Second) // the reader sleeps for longer than the server waits: what it does is what is tested
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	slow := &reader{t: t, lines: bufio.NewScanner(response.Body)}
	var got []string
	for {
		e, ok := slow.any()
		if !ok {
			break
		}
		if e.kind != "" {
			got = append(got, e.id)
		}
	}
	dropped := slow.lines.Err() // what was under way is lost, or all that was not read
	if len(got) == 0 || len(got) == events || dropped != nil && dropped != io.ErrUnexpectedEOF && !errors.Is(dropped, syscall.ECONNRESET) {
		t.Fatalf("it has read %d events, and then %v", len(got), dropped)
	}
	t.Logf("a reader who took nothing was sent %d of %d events", len(got), events)
	again := h.listen(h.token, got[len(got)-1])
	for len(got) < events {
		got = append(got, again.next().id)
	}
	if !slices.Equal(got, want) {
		t.Error("a reader who came back has read something else than one who stayed")
	}
}
