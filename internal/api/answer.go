package api

import (
	"github.com/postern-go/postern/internal/wirejson"
	"net/http"
	"strconv"
)

var contentTypeJSON = []string{"application/json"}

// answer writes a wire type.
func (c *call) answer(status int, wire any) error {
	return c.send(status, wirejson.Append(make([]byte, 0, 1024), wire))
}

// send writes JSON that is ready. The length is told, so that a connection that breaks is not taken for the end.
func (c *call) send(status int, json []byte) error {
	h := c.Exchange.Header()
	h["Content-Type"] = contentTypeJSON
	h["Content-Length"] = []string{strconv.Itoa(len(json))}
	if status != http.StatusOK {
		c.WriteHeader(status)
	}
	_, err := c.Exchange.Write(json)
	if err != nil {
		c.Cause = err // the caller is gone, and the answer with it
	}
	return nil
}
