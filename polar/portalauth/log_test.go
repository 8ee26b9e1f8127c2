package portalauth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/polar"
	"github.com/postern-go/postern/polar/portalauth"
)

// linesWith returns the lines of the log that contain a text.
func (w *observer) linesWith(text string) (lines []string) {
	for _, line := range w.logged() {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

const refusedLine = "a session could not be checked and was refused"

// The same failure is logged once a minute, with the number of times that it happened.
func TestFailuresAreLoggedOnceAMinute(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	auth, w := h.newVerifier(h.newClient(l, polar.WithoutRetries()), portalauth.Options{AnyOrganization: true})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	h.mustAccept(auth, session.Token)
	if lines := w.linesWith("level=ERROR"); len(lines) != 0 {
		t.Fatalf("logged before a failure: %q", lines)
	}
	l.down.Store(true)
	h.clock.advance(31 * time.Second)
	fail := func(n int) {
		var wg sync.WaitGroup
		for range n {
			wg.Go(func() {
				if _, err := auth.Verify(t.Context(), session.Token); !errors.Is(err, portalauth.ErrUnavailable) {
					t.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
	}
	fail(100)
	lines := w.linesWith(refusedLine)
	if len(lines) != 1 || !strings.Contains(lines[0], "level=ERROR") || !strings.Contains(lines[0], "the network is down") || !strings.HasSuffix(lines[0], "count=1\n") {
		t.Fatalf("%q", lines)
	}
	h.clock.advance(time.Minute)
	fail(1)
	if lines := w.linesWith(refusedLine); len(lines) != 2 || !strings.HasSuffix(lines[1], "count=100\n") {
		t.Fatalf("%q", lines)
	}
	// Another failure has its own line. An ended context of the caller is not a failure.
	l.down.Store(false)
	panics := func() { panic("boom") }
	l.beforeLookup.Store(&panics)
	fail(1)
	if lines := w.linesWith("boom"); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := auth.Verify(ended, session.Token); !errors.Is(err, portalauth.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if lines := w.linesWith("canceled"); len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}

func TestStaleSessionsAreLogged(t *testing.T) {
	h := newTestServer(t)
	l := &network{}
	auth, w := h.newVerifier(h.newClient(l, polar.WithoutRetries()), portalauth.Options{AnyOrganization: true, ServeStale: time.Hour})
	session := h.createSession(h.acme, h.createTeam(h.acme, owner).ID, owner)
	h.mustAccept(auth, session.Token)
	l.down.Store(true)
	h.clock.advance(31 * time.Second)
	for range 5 {
		h.mustAccept(auth, session.Token)
	}
	if lines := w.linesWith("accepted from the cache"); len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") || !strings.Contains(lines[0], "the network is down") {
		t.Errorf("%q", lines)
	}
}

// Without a logger, failures go to slog.Default.
func TestDefaultLogger(t *testing.T) {
	var text bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	down := &network{}
	down.down.Store(true)
	client, err := polar.New(polar.WithServerURL("https://portal.example.com"), polar.WithoutRetries(), polar.WithHTTPClient(&http.Client{Transport: down}))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		logger *slog.Logger
		logs   bool
	}{{nil, true}, {slog.New(slog.DiscardHandler), false}} {
		auth, err := portalauth.New(client, portalauth.Options{AnyOrganization: true, Logger: test.logger})
		if err != nil {
			t.Fatal(err)
		}
		defer auth.Close()
		text.Reset()
		slog.SetDefault(slog.New(slog.NewJSONHandler(&text, nil))) // after New
		if _, err := auth.Verify(t.Context(), exampleToken); err == nil {
			t.Fatal("accepted")
		}
		if logged := strings.Contains(text.String(), refusedLine); logged != test.logs {
			t.Errorf("the default logger got %q", text.String())
		}
	}
}

// Neither the log nor an error shows a token, even if the caller's own code puts one into an error or a panic.
func TestLogShowsNoToken(t *testing.T) {
	h := newTestServer(t)
	const other = "polar_oat_secretsecretsecretsecret"
	for name, edit := range map[string]func(*http.Request) error{
		"error": func(r *http.Request) error {
			return errors.New("cannot sign " + r.Header.Get("Authorization") + " for " + other)
		},
		"panic": func(r *http.Request) error { panic("cannot sign " + r.Header.Get("Authorization") + " for " + other) },
	} {
		for _, isPolar := range []bool{false, true} {
			auth, w := h.newVerifier(h.newClient(&network{}, polar.WithAccessToken(other), polar.WithRequestEditor(edit)), portalauth.Options{AnyOrganization: true, Polar: isPolar})
			if _, err := auth.Verify(t.Context(), exampleToken); err == nil || name == "panic" && anyToken.MatchString(err.Error()) {
				t.Errorf("%v", err)
			}
			w.waitFor(portalauth.EventStreamLost)
			if lines := w.linesWith("cannot sign"); len(lines) < 2 {
				t.Errorf("%s: %q", name, lines)
			}
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the session " + exampleToken + " has ended"))
	auth, w := h.newVerifier(h.newClient(&network{}), portalauth.Options{AnyOrganization: true})
	if _, err := auth.Verify(ctx, exampleToken); !errors.Is(err, portalauth.ErrUnavailable) {
		t.Errorf("%v", err)
	}
	if lines := w.linesWith("has ended"); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
}

// brokenStream is a server whose streams end right after their first event, and which accepts every session.
type brokenStream struct {
	mu      sync.Mutex
	streams int
}

func (s *brokenStream) RoundTrip(r *http.Request) (*http.Response, error) {
	resp := &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}
	if !strings.HasSuffix(r.URL.Path, "/revocations") {
		writeIdentity(resp.Header, time.Now().Add(1000*time.Hour))
		return resp, nil
	}
	s.mu.Lock()
	s.streams++
	s.mu.Unlock()
	resp.Header.Set("Content-Type", "text/event-stream")
	resp.Body = io.NopCloser(strings.NewReader("id: 7\nretry: 1000\nevent: stream.started\ndata: {}\n\n"))
	return resp, nil
}

// A stream that ends right after its first event does not make the verifier reconnect at once for ever.
func TestBrokenStreamIsNotReopenedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, log := &brokenStream{}, &observer{}
		client, err := polar.New(polar.WithServerURL("https://portal.example.com"), polar.WithAccessToken("polar_oat_x"), polar.WithHTTPClient(&http.Client{Transport: server}))
		if err != nil {
			t.Fatal(err)
		}
		auth, err := portalauth.New(client, portalauth.Options{OrganizationID: organization, Logger: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := auth.Verify(t.Context(), exampleToken); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // on the fake clock of synctest
		auth.Close()
		synctest.Wait()
		if server.streams < 90 || server.streams > 130 {
			t.Errorf("%d streams in an hour", server.streams)
		}
		if lines := log.linesWith("the stream of revocations was lost"); len(lines) < 50 || len(lines) > 61 {
			t.Errorf("%d lines in an hour", len(lines))
		}
	})
}
