package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/wirejson"
)

// Tests have no time for these.
var (
	// heartbeat is how often a stream says that it is alive.
	heartbeat = 10 * time.Second
	// patience is how long a reader of a stream may take to take something.
	patience = 30 * time.Second
)

// streamPage is how many entries are read at a time.
const streamPage = 500

// streamRevocations is GET /v1/customer-sessions/revocations: the organization's part of the revocation log, as server-sent
// events (https://html.spec.whatwg.org/multipage/server-sent-events.html). It begins behind Last-Event-ID or, without one,
// now; and it never skips an entry.
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
	c.Cause = err // its reader will come back with the last id that it has
	return nil
}

// follow sends what there is, and waits for more.
func (a *api) follow(s *stream) error {
	more := a.Sessions.Changed() // before the log is read: what comes in between is not missed
	rows, err := a.Sessions.Revocations(s.Context(), s.call.subject.organization.ID.Key(), s.after, streamPage)
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		return s.send(rows)
	}
	select {
	case <-s.Context().Done():
		return errGone.Because(s.Context().Err())
	case <-a.Closing:
		return errStopping
	case <-more:
		return nil
	case <-s.beat.C: // also while other organizations' entries come in all the time
		return a.stillHere(s)
	}
}

// stillHere tells the reader that the stream is alive, unless its access token is not any more.
func (a *api) stillHere(s *stream) error {
	if err := a.authenticate(s.Exchange, s.Request); err != nil {
		return err
	}
	if now, ok := s.Subject.(*subject); !ok || !now.hasOne([]directory.Scope{directory.CustomerSessionsRead}) {
		return errUnauthenticated
	}
	return s.write([]byte(": still here\n\n"))
}

var errStopping = fault.New(fault.Unavailable, "The server is stopping.")

// stream is an answer that goes on.
type stream struct {
	*call
	control *http.ResponseController
	beat    *time.Ticker
	after   int64
}

// begin answers with a comment, so that the reader knows that it is there, and with where the stream begins.
func (s *stream) begin() error {
	h := s.Exchange.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy must not keep events back
	s.WriteHeader(http.StatusOK)
	return s.write([]byte("id: " + strconv.FormatInt(s.after, 10) + "\nretry: 1000\n: revocations from now on\n\n"))
}

func (s *stream) send(rows []session.NamedRevocation) error {
	var b []byte
	for _, r := range rows {
		b = append(b, "id: "+strconv.FormatInt(r.Seq, 10)+"\nevent: customer_session.revoked\ndata: "...)
		b = append(wirejson.Append(b, wireRevocation(r)), "\n\n"...)
	}
	if err := s.write(b); err != nil {
		return err
	}
	s.after = rows[len(rows)-1].Seq
	return nil
}

func (s *stream) write(b []byte) error {
	// A deadline cannot be set in a test without a connection; then there is nothing to bound.
	_ = s.control.SetWriteDeadline(time.Now().Add(patience))
	_, err := s.Exchange.Write(b)
	if err == nil {
		err = s.control.Flush()
	}
	if err != nil {
		return errGone.Because(err)
	}
	return nil
}
