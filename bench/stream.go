package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/postern-go/postern"
)

const (
	streamOrganizations = 10
	streamsEach         = 100 // the limit of an organization
	// streamedEvery is the interval between two revocations. Each reaches the streams of one organization.
	streamedEvery = 100 * time.Millisecond
	streamRounds  = 5
)

// streams compares the median time of an introspection while 1,000 clients follow the revocations of their organizations, and ten
// sessions a second are revoked, to the median time without these clients. Both revoke the same number of sessions.
func streams() ([]result, error) {
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	f, err := newStreamFixture(dir)
	if err != nil {
		return nil, err
	}
	server, err := start(dir)
	if err != nil {
		return nil, err
	}
	defer server.stop()
	f.url = "http://" + server.addr

	var values, baselines, ratios []float64
	for range streamRounds {
		baseline, err := f.introspectWhileRevoking()
		if err != nil {
			return nil, err
		}
		value, err := f.withReaders(f.introspectWhileRevoking)
		if err != nil {
			return nil, err
		}
		values, baselines, ratios = append(values, value), append(baselines, baseline), append(ratios, value/baseline)
	}
	return []result{{
		Name: "introspect while 1,000 clients follow revocations, p50 in µs against no clients", Value: median(values), Baseline: median(baselines),
		Ratio: median(ratios), Target: 1.5, Better: "lower",
	}}, nil
}

// streamFixture has organizations with an access token each, and a live session of the first one.
type streamFixture struct {
	url     string
	secrets []string
	session string
}

func newStreamFixture(dir string) (*streamFixture, error) {
	ctx := context.Background()
	config := postern.Config{DataDir: dir, RateLimits: "off"}
	if err := postern.Init(ctx, config); err != nil {
		return nil, err
	}
	p, err := postern.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	f := &streamFixture{}
	for i := range streamOrganizations {
		org, err := p.CreateOrganization(ctx, postern.NewOrganization{Slug: fmt.Sprintf("bench-%d", i)})
		if err != nil {
			return nil, err
		}
		if _, err := post(p.Handler(), org.AccessToken, "/v1/customers/", `{"email":"ada@example.com","external_id":"user_1"}`); err != nil {
			return nil, err
		}
		f.secrets = append(f.secrets, org.AccessToken)
	}
	answer, err := post(p.Handler(), f.secrets[0], "/v1/customer-sessions/", `{"external_customer_id":"user_1"}`)
	var created struct{ Token string }
	if err == nil {
		err = json.Unmarshal(answer, &created)
	}
	f.session = created.Token
	return f, err
}

// send sends a request and returns the body of its answer, which must have the status.
func (f *streamFixture) send(method, path, token, body string, status int) ([]byte, error) {
	r, err := http.NewRequest(method, f.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != status {
		err = fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
	return answer, err
}

// withReaders measures while every organization has its streams open.
func (f *streamFixture) withReaders(measure func() (float64, error)) (float64, error) {
	ctx, cancel := context.WithCancel(context.Background())
	transport := &http.Transport{MaxIdleConnsPerHost: 1}
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for _, secret := range f.secrets {
		for range streamsEach {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url+"/v1/customer-sessions/revocations", nil)
			if err != nil {
				return 0, err
			}
			r.Header.Set("Authorization", "Bearer "+secret)
			resp, err := transport.RoundTrip(r)
			if err != nil {
				return 0, err
			}
			if resp.StatusCode != http.StatusOK {
				resp.Body.Close()
				return 0, fmt.Errorf("open stream: %s", resp.Status)
			}
			readers.Go(func() {
				defer resp.Body.Close()
				io.Copy(io.Discard, resp.Body)
			})
		}
	}
	return measure()
}

// introspectWhileRevoking returns the median time of an introspection in microseconds.
func (f *streamFixture) introspectWhileRevoking() (float64, error) {
	done, revoked := make(chan struct{}), make(chan error, 1)
	go func() { revoked <- f.revokeUntil(done) }()
	var times []float64
	var err error
	for end := time.Now().Add(roundTime); err == nil && time.Now().Before(end); {
		began := time.Now()
		_, err = f.send(http.MethodGet, path, f.session, "", http.StatusOK)
		times = append(times, float64(time.Since(began).Microseconds()))
	}
	close(done)
	if err := <-revoked; err != nil {
		return 0, err
	}
	return median(times), err
}

// revokeUntil creates and revokes a session of each organization in turn.
func (f *streamFixture) revokeUntil(done <-chan struct{}) error {
	tick := time.NewTicker(streamedEvery)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-done:
			return nil
		case <-tick.C:
		}
		secret := f.secrets[i%len(f.secrets)]
		answer, err := f.send(http.MethodPost, "/v1/customer-sessions/", secret, `{"external_customer_id":"user_1"}`, http.StatusCreated)
		var created struct{ ID string }
		if err == nil {
			err = json.Unmarshal(answer, &created)
		}
		if err == nil {
			_, err = f.send(http.MethodDelete, "/v1/customer-sessions/"+created.ID, secret, "", http.StatusOK)
		}
		if err != nil {
			return err
		}
	}
}
