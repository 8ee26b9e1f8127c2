package harness

import "net/http"

type faultBody struct {
	Route      string  `json:"route"`
	Bearer     string  `json:"bearer"`
	Times      int     `json:"times"`
	Delay      seconds `json:"delay"`
	Status     int     `json:"status"`
	RetryAfter seconds `json:"retry_after"`
	Drop       bool    `json:"drop"`
	Truncate   bool    `json:"truncate"`
}

type injectionBody struct {
	ID      int `json:"id"`
	Applied int `json:"applied"`
	faultBody
}

func newInjectionBody(i *Injection) injectionBody {
	return injectionBody{i.ID, i.Applied(), faultBody{
		i.Route, i.Bearer, i.Times, seconds(i.Delay.Seconds()), i.Status, seconds(i.RetryAfter.Seconds()), i.Drop, i.Truncate,
	}}
}

func (a testAPI) faults(*http.Request) (int, any, error) {
	items := []injectionBody{}
	for _, i := range a.Faults.Injected() {
		items = append(items, newInjectionBody(i))
	}
	return http.StatusOK, map[string]any{"items": items}, nil
}

func (a testAPI) inject(r *http.Request) (int, any, error) {
	var in faultBody
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	i, err := a.Faults.Inject(Fault{
		Route: in.Route, Bearer: in.Bearer, Times: in.Times, Delay: in.Delay.duration(), Status: in.Status,
		RetryAfter: in.RetryAfter.duration(), Drop: in.Drop, Truncate: in.Truncate,
	})
	if err != nil {
		return 0, nil, invalid(err)
	}
	return http.StatusCreated, newInjectionBody(i), nil
}

func (a testAPI) clear(*http.Request) (int, any, error) {
	a.Faults.Clear()
	return http.StatusNoContent, nil, nil
}
