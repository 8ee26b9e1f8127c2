package polar

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"strconv"
	"strings"
	"time"
)

// maxEvent is the maximum size of a line and of an event, in bytes.
const maxEvent = 64 << 10

// event is a server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). A server can send a block that
// contains only comments, as a heartbeat. Such a block is an event without kind and data.
type event struct {
	id   string // the ID of this event, or of the last event that had one
	kind string
	data []byte // the data lines, joined by newlines
}

type eventReader struct {
	lines *bufio.Scanner
	id    string
	// retry is the last reconnection time that the server asked for. Zero means that it asked for none.
	retry time.Duration
}

func newEventReader(r io.Reader) *eventReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxEvent)
	return &eventReader{lines: lines}
}

// next returns the next event. At the end of the stream, it returns io.EOF and discards an incomplete event. It returns
// errTooLarge for an event or a line longer than maxEvent.
func (r *eventReader) next() (event, error) {
	var e event
	for began := false; r.lines.Scan(); {
		text := r.lines.Bytes()
		if len(text) == 0 {
			if !began {
				continue
			}
			e.id = r.id
			return e, nil
		}
		began = true
		name, value, _ := bytes.Cut(text, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "id":
			if !bytes.ContainsRune(value, 0) {
				r.id = string(value)
			}
		case "retry":
			// A value that is not a number of milliseconds is ignored.
			if ms, err := strconv.ParseUint(string(value), 10, 31); err == nil {
				r.retry = time.Duration(ms) * time.Millisecond
			}
		case "event":
			e.kind = string(value)
		case "data":
			if e.data != nil {
				e.data = append(e.data, '\n')
			}
			if e.data = append(e.data, value...); len(e.data) > maxEvent {
				return event{}, errTooLarge
			}
		}
	}
	switch err := r.lines.Err(); err {
	case nil:
		return event{}, io.EOF
	case bufio.ErrTooLong:
		return event{}, errTooLarge
	default:
		return event{}, err
	}
}

func isEventStream(contentType string) bool {
	media, _, _ := mime.ParseMediaType(contentType)
	return strings.EqualFold(media, "text/event-stream")
}
