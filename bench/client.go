package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-go/postern/polar"
)

// customerToken has a valid format and checksum, but belongs to no session.
const customerToken = "polar_cst_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZa33EDWO"

// client compares polar.IntrospectCustomerSession with a bare http.Client that decodes the same answer. Both use a server on the
// loopback interface.
func client() ([]result, error) {
	server := httptest.NewServer(http.HandlerFunc(bareHandler))
	defer server.Close()
	core, err := polar.NewCore(polar.WithServerURL(server.URL))
	if err != nil {
		return nil, err
	}
	security := polar.SessionSecurity{CustomerSession: customerToken}
	var values, baselines, ratios, allocs []float64
	for range rounds {
		value := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := polar.IntrospectCustomerSession(context.Background(), core, security); err != nil {
					b.Fatal(err)
				}
			}
		})
		baseline := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			bare := &http.Client{Transport: &http.Transport{}}
			for b.Loop() {
				if err := bareIntrospect(bare, server.URL, security.CustomerSession); err != nil {
					b.Fatal(err)
				}
			}
		})
		values, baselines = append(values, float64(value.NsPerOp())), append(baselines, float64(baseline.NsPerOp()))
		ratios = append(ratios, float64(value.NsPerOp())/float64(baseline.NsPerOp()))
		allocs = append(allocs, float64(value.AllocsPerOp()), float64(baseline.AllocsPerOp()))
	}
	return []result{
		{Name: "polar.Introspect, ns", Value: median(values), Baseline: median(baselines), Ratio: median(ratios), Target: 1.10, Better: "lower"},
		{Name: "polar.Introspect, allocations", Value: allocs[0], Baseline: allocs[1], Ratio: allocs[0] / allocs[1],
			Target: (allocs[1] + 10) / allocs[1], Better: "lower"},
	}, nil
}

func bareIntrospect(client *http.Client, url, token string) error {
	r, err := http.NewRequest(http.MethodGet, url+path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("introspect: status %s", answer.Status)
	}
	var session polar.CustomerCustomerSession
	return json.Unmarshal(b, &session)
}
