package harness

import (
	"errors"
	"net/http"
	"time"
)

type clockBody struct {
	Now time.Time `json:"now"`
}

func (a testAPI) clock(*http.Request) (int, any, error) {
	return http.StatusOK, clockBody{a.Clock.Now().UTC()}, nil
}

func (a testAPI) advance(r *http.Request) (int, any, error) {
	var in struct {
		Seconds *seconds `json:"seconds"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	if in.Seconds == nil {
		return 0, nil, invalid(errors.New("seconds is required"))
	}
	if err := a.Clock.Advance(in.Seconds.duration()); err != nil {
		return 0, nil, invalid(err)
	}
	if err := a.server.CatchUp(r.Context()); err != nil {
		return 0, nil, err
	}
	return a.clock(r)
}
