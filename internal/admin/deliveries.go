package admin

import (
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/page"
	"github.com/postern-go/postern/internal/token"
	"github.com/postern-go/postern/internal/webhook"
)

// deliveriesPage is the data of the template "deliveries".
type deliveriesPage struct {
	Endpoint, State, Type page.Field
	Rows                  []deliveryRow
	// Total is the number of deliveries with a noun. Endpoints is the number of endpoints.
	Total     string
	Endpoints int
	Pages     *keyPager
	// Back is the path and the query of the page. Denied is why the operator cannot send events again, or nil.
	Back   string
	Denied *denied
}

type deliveryRow struct {
	ID, Event, Type, Endpoint, State, Error, Body string
	Attempts, HTTPCode                            int
	CreatedAt                                     time.Time
	// LastAt is the time of the last attempt, and NextAt of the next one. They are zero if there is none.
	LastAt, NextAt time.Time
}

var deliveryStates = map[webhook.State]string{webhook.Pending: "Pending", webhook.Succeeded: "Succeeded", webhook.Failed: "Failed"}

// deliveryErrors are the reasons of failed attempts.
var deliveryErrors = map[string]string{
	"timeout": "no answer in time", "connection": "no connection", "forbidden_address": "the address is not public", "redirect": "the answer is a redirect",
	"status": "the answer is no success",
}

// maxEndpoints is the number of endpoints that the filter lists.
const maxEndpoints = 200

// deliveries answers GET /admin/deliveries.
func (r *request) deliveries() error {
	endpoints, total, err := r.admin.webhooks.List(r.Context(), r.org.ID, webhook.Page{Number: 1, Limit: maxEndpoints})
	if err != nil {
		return err
	}
	options, urls := []page.Option{{Text: "All"}}, map[token.ID]string{}
	for _, e := range endpoints {
		urls[e.ID] = e.URL
		options = append(options, page.Option{Value: e.ID.String(), Text: e.URL})
	}
	kinds := []page.Option{{Text: "All"}}
	for _, kind := range webhook.Kinds() {
		kinds = append(kinds, page.Option{Value: string(kind), Text: string(kind)})
	}
	content := deliveriesPage{
		Endpoint: r.selectField("endpoint", "Endpoint", options), Type: r.selectField("type", "Event", kinds), Endpoints: total,
		State:  r.selectField("state", "State", []page.Option{{Text: "All"}, {Value: string(webhook.Failed), Text: "Failed"}, {Value: string(webhook.Pending), Text: "Pending"}, {Value: string(webhook.Succeeded), Text: "Succeeded"}}),
		Denied: r.denial(webhooksWrite, "Sending events again"), Back: withQuery("", r.URL.Query()),
	}
	q := webhook.BrowseQuery{Organization: r.org.ID.Key(), State: webhook.State(content.State.Value), Kind: webhook.Kind(content.Type.Value), Range: r.keyRange()}
	if content.Endpoint.Value != "" {
		id, _ := token.ParseID(content.Endpoint.Value)
		q.Endpoint = &id
	}
	found, err := r.admin.webhooks.Browse(r.Context(), q)
	if err != nil {
		return err
	}
	content.Total, content.Pages = countOf(found.Count, "delivery"), r.newKeyPager(q.Range, found.Previous, found.Next, len(found.Rows))
	for _, d := range found.Rows {
		content.Rows = append(content.Rows, newDeliveryRow(d, urls[d.Endpoint]))
	}
	shown := r.newView("Webhook deliveries")
	shown.Page = content
	return r.show(http.StatusOK, "deliveries", shown)
}

func newDeliveryRow(d webhook.Delivery, url string) deliveryRow {
	row := deliveryRow{
		ID: d.ID.String(), Event: d.Event.ID.String(), Type: string(d.Event.Kind), Endpoint: url, State: deliveryStates[d.State], Error: deliveryErrors[d.Error],
		Body: string(d.Event.Body), Attempts: d.Attempts, HTTPCode: d.HTTPCode, CreatedAt: d.CreatedAt,
	}
	if row.Endpoint == "" {
		row.Endpoint = d.Endpoint.String()
	}
	if d.ModifiedAt != nil {
		row.LastAt = *d.ModifiedAt
	}
	if d.State == webhook.Pending {
		row.NextAt = d.NextAt
	}
	return row
}

// resend answers POST /admin/deliveries/{id}/resend, with the ID of an event. It makes the deliveries of the event pending again.
func (r *request) resend() error {
	id, err := r.id()
	if err != nil {
		return err
	}
	if err := r.admin.webhooks.Redeliver(r.Context(), r.org.ID, id); err != nil {
		return err
	}
	return r.redirectWithNote(withQuery("deliveries", queryOf(r.PostForm.Get("back"))), noteResent)
}
