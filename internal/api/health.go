package api

import "net/http"

// health handles GET /healthz. It answers 200 if the store answers, and 503 otherwise.
func (a *api) health(c *call) error {
	if err := a.Ping(c.Context()); err != nil {
		return err
	}
	return c.send(http.StatusOK, []byte(`{"status":"ok"}`))
}
