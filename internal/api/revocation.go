package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/wirejson"
)

// These values are variables, so that tests can shorten them.
var (
	// heartbeat is the interval between the comments that an idle stream sends.
	heartbeat = 10 * time.Second
	// writeTimeout is the maximum time for writing an event to a client.
	writeTimeout = 30 * time.Second
)

// streamPage is the maximum number of revocations that a stream reads from the log at a time.
const streamPage = 500

// streamRevocations handles GET /v1/customer-sessions/revocations: the revocation log of the organization as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html). The stream starts after Last-Event-ID or, without that header,
// with the next entry. It never skips an entry.
func (a *api) streamRevocations(c *call) error {
	after, given, err := body.ReadLastEventID(c.Request.Header["Last-Event-Id"])
	if err != nil {
		return err
	}
	if !given {
		if after, err = a.Sessions.LastRevocation(c.Context()); err != nil {
			return err
		}
	}
	s := stream{call: c, control: http.NewResponseController(c.Exchange), beat: time.NewTicker(heartbeat), after: after}
	defer s.beat.Stop()
	for err = s.begin(); err == nil; {
		err = a.follow(&s)
	}
	c.Cause = err // the client will reconnect with the last id that it has received
	return nil
}

// follow sends the new entries of the log. If there are none, follow waits for a change or a heartbeat.
func (a *api) follow(s *stream) error {
	org := s.call.subject.organization.ID.Key()
	more := a.Sessions.Changed(org) // get the channel before reading the log, so that no entry is missed
	rows, err := a.Sessions.Revocations(s.Context(), org, more, s.after, streamPage)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		if slices.ContainsFunc(rows, func(r session.NamedRevocation) bool { return r.Customer == 0 }) { // perhaps the access token was revoked
			if err := a.checkClient(s); err != nil {
				return err
			}
		}
		return s.send(rows)
	}
	select {
	case <-s.Context().Done():
		return errClientGone.Because(s.Context().Err())
	case <-a.Closing:
		return errStopping
	case <-more:
		return nil
	case <-s.beat.C: // send heartbeats even if entries of other organizations wake up the stream all the time
		return a.sendHeartbeat(s)
	}
}

// sendHeartbeat sends a heartbeat. It returns an error if the access token of the client is no longer valid.
func (a *api) sendHeartbeat(s *stream) error {
	if err := a.checkClient(s); err != nil {
		return err
	}
	return s.write([]byte(": still here\n\n"))
}

// checkClient returns an error if the access token of the client is no longer valid for the stream.
func (a *api) checkClient(s *stream) error {
	if err := a.authenticate(s.Exchange, s.Request); err != nil {
		return err
	}
	if now, ok := s.Subject.(*subject); !ok || !now.hasOne([]directory.Scope{directory.CustomerSessionsRead}) {
		return errUnauthenticated
	}
	return nil
}

var errStopping = fault.New(fault.Unavailable, "The server is stopping. Connect again.")

// stream is a response with server-sent events.
type stream struct {
	*call
	control *http.ResponseController
	beat    *time.Ticker
	after   int64
}

// begin starts the response: it sends the event stream.started with the id of the position at which the stream starts. The event has
// data, because some clients ignore the id of an event without data.
func (s *stream) begin() error {
	h := s.Exchange.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies must not buffer events
	s.WriteHeader(http.StatusOK)
	return s.write([]byte("id: " + strconv.FormatInt(s.after, 10) + "\nretry: 1000\nevent: stream.started\ndata: {}\n\n"))
}

// send sends the ends of sessions among the rows.
func (s *stream) send(rows []session.NamedRevocation) error {
	var b []byte
	for _, r := range rows {
		if r.Generation == 0 {
			continue
		}
		b = append(b, "id: "+strconv.FormatInt(r.Seq, 10)+"\nevent: customer_session.revoked\ndata: "...)
		b = append(wirejson.Append(b, wireRevocation(r)), "\n\n"...)
	}
	if len(b) > 0 {
		if err := s.write(b); err != nil {
			return err
		}
	}
	s.after = rows[len(rows)-1].Seq
	return nil
}

func (s *stream) write(b []byte) error {
	// Setting a deadline fails only in tests without a connection, which need no deadline.
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout))
	_, err := s.Exchange.Write(b)
	if err == nil {
		err = s.control.Flush()
	}
	if err != nil {
		return errClientGone.Because(err)
	}
	return nil
}
