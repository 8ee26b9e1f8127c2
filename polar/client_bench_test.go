package polar_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/postern-go/postern/polar"
)

const (
	liveToken = "polar_cst_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2sN54l"
	liveBody  = `{"expires_at":"2026-08-22T09:30:15.120000Z","return_url":"https://example.com/"}`
	livePath  = "/v1/customer-portal/customer-session/introspect"
)

func benchServer(b *testing.B) string {
	body := []byte(liveBody)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}))
	b.Cleanup(s.Close)
	return s.URL
}

// The benchmarks compare a call with the same request sent by net/http alone, with and without a timeout.
// BenchmarkIntrospect should take less than 1.10 times as long as BenchmarkBareClientWithTimeout, with at most about
// ten more allocations. On a busy machine, run them alternately with -count and compare medians.

func BenchmarkIntrospect(b *testing.B) {
	client, err := polar.New(polar.WithServerURL(benchServer(b)))
	if err != nil {
		b.Fatal(err)
	}
	ctx, security := context.Background(), polar.SessionSecurity{CustomerSession: liveToken}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.CustomerPortal.CustomerSession.Introspect(ctx, security); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareClient(b *testing.B) { benchBare(b, 0) }

func BenchmarkBareClientWithTimeout(b *testing.B) { benchBare(b, 10*time.Second) }

func benchBare(b *testing.B, timeout time.Duration) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: timeout}
	u, ctx := benchServer(b)+livePath, context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if err := bareIntrospect(ctx, client, u); err != nil {
			b.Fatal(err)
		}
	}
}

func bareIntrospect(ctx context.Context, client *http.Client, u string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+liveToken)
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var session struct {
		ExpiresAt time.Time `json:"expires_at"`
		ReturnURL *string   `json:"return_url"`
	}
	return json.Unmarshal(body, &session)
}
