package harness

import (
	"errors"
	"net/http"
	"time"
)

type clockBody struct {
	Now time.Time `json:"now"`
}

func (c controls) clock(*http.Request) (int, any, error) {
	return http.StatusOK, clockBody{c.Clock.Now().UTC()}, nil
}

func (c controls) advance(r *http.Request) (int, any, error) {
	var in struct {
		Seconds *seconds `json:"seconds"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	if in.Seconds == nil {
		return 0, nil, invalid(errors.New("by how many seconds is missing"))
	}
	if err := c.Clock.Advance(in.Seconds.duration()); err != nil {
		return 0, nil, invalid(err)
	}
	if err := c.server.CatchUp(r.Context()); err != nil {
		return 0, nil, err
	}
	return c.clock(r)
}
