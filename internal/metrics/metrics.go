// Package metrics has all metrics of the server.
//
//	m := metrics.New()
//	m.Refused("login")
//	http.Handle("/metrics", m.Handler())
//
// names.go lists the metrics and docs/metrics.md explains them. Services get a *Metrics in their Deps or Options and call a method
// for each thing that they count. All methods accept a nil *Metrics and then do nothing, so that tests and tools need none.
//
// Each Metrics has a registry of its own, so that a program can run several servers. The values of labels are constants of the
// server: no label has a value that a caller chooses, and no metric contains a secret or names an organization.
package metrics

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/postern-go/postern/internal/version"
)

// Metrics counts what the server does. It is safe for concurrent use. A nil Metrics counts nothing.
type Metrics struct {
	series
	registry *registry
}

// New returns metrics that are all 0, with the metrics of the Go runtime and of the process.
func New() *Metrics {
	r := &registry{Registry: prometheus.NewRegistry()}
	m := &Metrics{series: newSeries(r), registry: r}
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.buildInfo.WithLabelValues(version.Read().Version).Set(1)
	return m
}

// Handler serves the metrics in the text format of Prometheus. The handler of a nil Metrics answers 404.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Request counts an answered request. zone is the rate limit zone of its route; status is the status of the answer, or 0 if there
// was none.
func (m *Metrics) Request(zone string, status int) {
	if m != nil {
		m.requests.WithLabelValues(zone, statusClass(status)).Inc()
	}
}

func statusClass(status int) string {
	if status < 100 || status > 599 {
		return "none"
	}
	return strconv.Itoa(status/100) + "xx"
}

// Refused counts a request or a connection that a limit refused. limit is the name of the limit, such as "login".
func (m *Metrics) Refused(limit string) {
	if m != nil {
		m.refused.WithLabelValues(limit).Inc()
	}
}

// QuotaExceeded counts a create that a quota refused. quota is its name in --quotas.
func (m *Metrics) QuotaExceeded(quota string) {
	if m != nil {
		m.quotaRefusals.WithLabelValues(quota).Inc()
	}
}

// SlotsWaiting adds n to the number of callers that wait for a slot of a pool, such as "lists".
func (m *Metrics) SlotsWaiting(pool string, n int) {
	if m != nil {
		m.slotsWaiting.WithLabelValues(pool).Add(float64(n))
	}
}

// SlotRefused counts a caller that got no slot of a pool.
func (m *Metrics) SlotRefused(pool string) {
	if m != nil {
		m.slotsRefused.WithLabelValues(pool).Inc()
	}
}

// LoginFailed counts an attempt to log in with a wrong code.
func (m *Metrics) LoginFailed(reason string) {
	if m != nil {
		m.loginFailures.WithLabelValues(reason).Inc()
	}
}

// LoginBudgetSpent counts an attempt to log in that was refused because a budget of wrong codes was spent, whether the code was
// right or not. budget is the name of the budget, such as "server".
func (m *Metrics) LoginBudgetSpent(budget string) {
	if m != nil {
		m.loginBudget.WithLabelValues(budget).Inc()
	}
}

// Outcome is what became of a mail.
type Outcome string

// The outcomes. A queued mail is later sent, failed, limited or dropped.
const (
	Queued Outcome = "queued"
	Sent   Outcome = "sent"
	// Failed means that the last attempt to send the mail failed.
	Failed Outcome = "failed"
	// Dropped means that the mail had no recipient.
	Dropped Outcome = "dropped"
	// Limited means that a budget of mails was spent.
	Limited Outcome = "limited"
	// Refused means that the mail was not queued, because the queue was full or a limit was reached.
	Refused Outcome = "refused"
)

// Mail counts a mail of a kind, such as "login code".
func (m *Metrics) Mail(kind string, o Outcome) {
	if m != nil {
		m.mails.WithLabelValues(kind, string(o)).Inc()
	}
}

// Connections adds n to the number of open connections. n is negative when connections close.
func (m *Metrics) Connections(n int) {
	if m != nil {
		m.connections.Add(float64(n))
	}
}

// BodyBytes adds n to the number of bytes of request bodies in memory. n is negative when bodies are released.
func (m *Metrics) BodyBytes(n int64) {
	if m != nil {
		m.bodyBytes.Add(float64(n))
	}
}
