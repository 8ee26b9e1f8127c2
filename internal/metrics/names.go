package metrics

import "github.com/prometheus/client_golang/prometheus"

// series holds the metrics. Each field has one line in [newSeries], with its name, help text and labels; docs/metrics.md has the
// same table, which a test compares with newSeries.
type series struct {
	requests      *prometheus.CounterVec
	refused       *prometheus.CounterVec
	loginFailures *prometheus.CounterVec
	loginBudget   *prometheus.CounterVec
	mails         *prometheus.CounterVec
	connections   prometheus.Gauge
	bodyBytes     prometheus.Gauge
	quotaRefusals *prometheus.CounterVec
	slotsWaiting  *prometheus.GaugeVec
	slotsRefused  *prometheus.CounterVec
	buildInfo     *prometheus.GaugeVec
}

// newSeries creates and registers all metrics of the server. To add a metric, add a field, a line here and a method of [Metrics].
func newSeries(r *registry) series {
	return series{
		requests: r.counters("postern_requests_total",
			"Answered requests by rate limit zone of the route and by class of the status.", "zone", "status"),
		refused: r.counters("postern_requests_refused_total",
			"Requests and connections that a limit refused, by limit.", "limit"),
		loginFailures: r.counters("postern_login_failures_total",
			"Attempts to log in with a wrong code, by reason.", "reason"),
		loginBudget: r.counters("postern_login_budget_spent_total",
			"Attempts to log in that were refused because a budget of wrong codes was spent, by budget.", "budget"),
		mails: r.counters("postern_mails_total",
			"Mails by kind and by outcome: queued, then sent, failed after the last attempt, limited because a budget of mails was spent, or dropped because there was nobody to send them to; refused mails are not queued.", "kind", "outcome"),
		connections: r.gauge("postern_connections",
			"Open connections to the public listener."),
		bodyBytes: r.gauge("postern_body_bytes",
			"Bytes of request bodies in memory."),
		quotaRefusals: r.counters("postern_quota_refusals_total",
			"Creates that a quota refused, by quota.", "quota"),
		slotsWaiting: r.gauges("postern_slots_waiting",
			"Callers that wait for a slot of their organization, by pool.", "pool"),
		slotsRefused: r.counters("postern_slots_refused_total",
			"Callers that got no slot, by pool.", "pool"),
		buildInfo: r.gauges("postern_build_info",
			"Always 1; the label has the version of the server.", "version"),
	}
}
