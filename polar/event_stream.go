package polar

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"strings"
)

// maxEvent bounds a line and an event of a stream, in bytes.
const maxEvent = 64 << 10

// event is a server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). A block of comments alone is
// one too, of no kind and without data: a sign of life.
type event struct {
	id   string // of this event, or of the last one that had any
	kind string
	data []byte // the lines of data, with newlines between them
}

type eventReader struct {
	lines *bufio.Scanner
	id    string
}

func newEventReader(r io.Reader) *eventReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxEvent)
	return &eventReader{lines: lines}
}

// next reads up to the next empty line. It yields io.EOF at the end, also in the middle of an event, which is then lost; and
// errTooLarge.
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
