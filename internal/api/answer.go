package api

import (
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/wirejson"
)

var contentTypeJSON = []string{"application/json"}

// answer writes a value of a wire type as JSON.
func (c *call) answer(status int, wire any) error {
	return c.send(status, wirejson.Append(make([]byte, 0, 1024), wire))
}

// send writes JSON.
func (c *call) send(status int, json []byte) error {
	c.Exchange.Header()["Content-Type"] = contentTypeJSON
	if err := c.Exchange.Send(status, json); err != nil {
		c.Cause = errClientGone.Because(err)
	}
	return nil
}

// errClientGone means that the client closed the connection before it received the response. It is not logged as an error.
var errClientGone = fault.New(fault.Unavailable, "The client closed the connection. Repeat the request.")
