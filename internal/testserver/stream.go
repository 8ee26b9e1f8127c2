package testserver

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/polar"
)

// StreamEvent is an event of the revocation stream, or a comment. A comment has only an ID and a text.
type StreamEvent struct {
	ID, Kind, Comment string
	polar.CustomerSessionRevocation
}

// Stream reads a revocation stream.
type Stream struct {
	LastID string // ID of the newest event

	t     testing.TB
	lines *bufio.Scanner
	close func()
}

// Listen opens the revocation stream after the event with the ID last. If last is "", the stream starts with the next event.
func (s *Server) Listen(token, last string) *Stream {
	s.T.Helper()
	return s.ListenAt(s.URL, token, last)
}

// ListenAt is [Server.Listen] on a server at another URL.
func (s *Server) ListenAt(url, token, last string) *Stream {
	s.T.Helper()
	ctx, cancel := context.WithCancel(s.T.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", url+"/v1/customer-sessions/revocations", nil)
	if err != nil {
		s.T.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.T.Fatal(err)
	}
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" || response.Header.Get("Cache-Control") != "private, no-store" {
		s.T.Fatalf("the stream starts with %d %v", response.StatusCode, response.Header)
	}
	stream := NewStream(s.T, response.Body)
	stream.LastID = last
	stream.close = func() { cancel(); response.Body.Close() }
	s.T.Cleanup(stream.close)
	if e, ok := stream.Any(); !ok || e.ID == "" || last != "" && e.ID != last || e.Kind != "stream.started" {
		s.T.Fatalf("the stream starts with %+v", e)
	}
	return stream
}

// NewStream reads the events of a response's body.
func NewStream(t testing.TB, body io.Reader) *Stream {
	return &Stream{t: t, lines: bufio.NewScanner(body)}
}

// Close disconnects from the server.
func (s *Stream) Close() { s.close() }

// Err returns the error that ended the stream, or nil if the server ended it.
func (s *Stream) Err() error { return s.lines.Err() }

// Any waits for the next event or comment. It returns false at the end of the stream.
func (s *Stream) Any() (e StreamEvent, ok bool) {
	data := ""
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch name {
		case "id":
			e.ID = value
		case "event":
			e.Kind = value
		case "data":
			data = value
		case "":
			if value != "" {
				e.Comment = value
				continue
			}
			if e.ID != "" {
				s.LastID = e.ID
			}
			if e.Kind != "" {
				if err := json.Unmarshal([]byte(data), &e.CustomerSessionRevocation); err != nil {
					s.t.Errorf("%s: %v", data, err)
				}
			}
			return e, true
		}
	}
	return e, false // the server closed the stream in the middle of an event
}

// Next waits for the next event.
func (s *Stream) Next() StreamEvent {
	s.t.Helper()
	for {
		e, ok := s.Any()
		if !ok {
			s.t.Fatal("the stream has ended")
		}
		if e.Kind != "" {
			return e
		}
	}
}

// ExpectEnd waits for the end of the stream and fails the test if an event comes before it.
func (s *Stream) ExpectEnd() {
	s.t.Helper()
	for {
		e, ok := s.Any()
		if !ok {
			return
		}
		if e.Kind != "" {
			s.t.Errorf("%+v", e)
		}
	}
}
