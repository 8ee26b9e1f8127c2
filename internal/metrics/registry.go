package metrics

import "github.com/prometheus/client_golang/prometheus"

// registry registers metrics and keeps their descriptions for the test of docs/metrics.md.
type registry struct {
	*prometheus.Registry
	described []description
}

// description is a row of the table in docs/metrics.md.
type description struct {
	name, kind, help string
	labels           []string
}

func (r *registry) add(c prometheus.Collector, d description) {
	r.MustRegister(c)
	r.described = append(r.described, d)
}

// counters registers a counter for each combination of the labels' values.
func (r *registry) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	r.add(c, description{name, "counter", help, labels})
	return c
}

// gauge registers a value that can go up and down.
func (r *registry) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	r.add(g, description{name, "gauge", help, nil})
	return g
}

// gauges registers a gauge for each combination of the labels' values.
func (r *registry) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	r.add(g, description{name, "gauge", help, labels})
	return g
}
