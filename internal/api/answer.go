package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/wirejson"
)

var contentTypeJSON = []string{"application/json"}

// answer writes a wire type.
func (c *call) answer(status int, wire any) error {
	return c.send(status, wirejson.Append(make([]byte, 0, 1024), wire))
}

// send writes JSON that is ready.
func (c *call) send(status int, json []byte) error {
	c.Exchange.Header()["Content-Type"] = contentTypeJSON
	if status != http.StatusOK {
		c.WriteHeader(status)
	}
	if _, err := c.Exchange.Write(json); err != nil {
		c.Cause = errGone.Because(err)
	}
	return nil
}

// errGone is a caller who does not read the answer: its own affair, and no failure of the server.
var errGone = fault.New(fault.Unavailable, "The caller went away.")
