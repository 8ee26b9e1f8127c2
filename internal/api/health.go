package api

import "net/http"

// health answers 200 when the store does, and 503 when it does not: a load balancer needs no more.
func (a *api) health(c *call) error {
	if err := a.Ping(c.Context()); err != nil {
		return err
	}
	return c.send(http.StatusOK, []byte(`{"status":"ok"}`))
}
