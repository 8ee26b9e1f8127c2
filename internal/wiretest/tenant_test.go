package wiretest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/testserver"
	"github.com/postern-go/postern/internal/token"
)

// tenantLoad is the size of the test of isolation. POSTERN_TEST_LONG selects the long one, which measures.
type tenantLoad struct {
	customers, sessions, members int
	phase                        time.Duration
}

// One organization at its worst is never the reason for a refusal of another organization. The noisy one lists with filters, lists
// sessions by state, creates sessions, changes a team at the quota, follows streams, and has webhooks that hang. It sends 100 requests
// a second, which is twelve times the default rate limit.
//
// The long run also compares percentiles: the 99th of the other organization's creates and lists is within five times the quiet one.
// Other programs on the machine can disturb a measurement, so the best of three counts.
func TestTenantsDoNotFeelEachOther(t *testing.T) {
	load, long := tenantLoad{customers: 200, sessions: 500, members: 50, phase: time.Second}, os.Getenv("POSTERN_TEST_LONG") != ""
	if long {
		load = tenantLoad{customers: 20_000, sessions: 100_000, members: 1000, phase: 30 * time.Second}
	}
	for name, backend := range map[string]testserver.Option{
		"sqlite": func(o *testserver.Options) {
			if o.DataDir == "" {
				o.DatabaseURL, o.Secrets, o.DataDir = "", nil, t.TempDir()
			}
		},
		"postgres": func(o *testserver.Options) {
			if o.DatabaseURL == "" {
				o.DataDir, o.DatabaseURL, o.Secrets = "", pgtest.URL(t), []string{token.NewSecret()}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" {
				pgtest.URL(t) // skips the test without PostgreSQL
			}
			srv := testserver.New(t, backend, allowLoopback, testserver.RateLimits("off"), quotas(fmt.Sprintf("members=%d", load.members)))
			quiet := srv.Neighbor("quiet")
			busy := fillTenant(srv, load)
			customer := quiet.Ada()
			for i := range 200 {
				quiet.CreateCustomer(fmt.Sprintf(`"email":"q%d@example.com"`, i))
			}
			measureTenant(t, quiet, customer, load.phase/2) // warms up
			worst := compareTenants(t, srv, quiet, customer, busy, load)
			for try := 2; long && worst > 5 && try <= 3; try++ {
				worst = compareTenants(t, srv, quiet, customer, busy, load)
			}
			if !long || worst <= 5 {
				return
			}
			t.Errorf("the 99th percentile is %.1f times the quiet one", worst)
		})
	}
}

// compareTenants returns the higher one of the ratios of creates and lists.
func compareTenants(t *testing.T, srv, quiet *testserver.Server, customer testserver.Created, busy string, load tenantLoad) (worst float64) {
	before := measureTenant(t, quiet, customer, load.phase)
	stop := startNoise(t, srv, load, busy)
	time.Sleep(load.phase / 4)
	during := measureTenant(t, quiet, customer, load.phase)
	requests := stop()
	for _, kind := range []string{"create", "list"} {
		ratio := float64(during[kind]) / float64(max(before[kind], floor))
		worst = max(worst, ratio)
		t.Logf("%s: p99 %s quiet, %s next to %d requests of the other organization: ratio %.1f", kind, before[kind], during[kind], requests, ratio)
	}
	return worst
}

// floor is the shortest quiet percentile that is compared, because on a busy machine a shorter one is mostly luck.
const floor = 5 * time.Millisecond

// fillTenant gives the noisy organization customers with metadata, sessions, and a team at the quota. It returns the id of a customer.
func fillTenant(srv *testserver.Server, load tenantLoad) string {
	var ids []string
	for i := range load.customers {
		ids = append(ids, srv.CreateCustomer(fmt.Sprintf(`"email":"c%d@example.com","metadata":{"plan":"p%d","note":%q}`, i, i%7, strings.Repeat("x", 400))))
	}
	concurrently(8, func(worker int) {
		for i := worker; i < load.sessions; i += 8 {
			srv.Must(201, srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+ids[i%len(ids)]+`"}`))
		}
	})
	team := srv.Create(customers, `{"type":"team","external_id":"big","owner":{"email":"boss@example.com"}}`)
	for i := 1; i < load.members; i++ {
		srv.Must(201, srv.As(srv.Token, "POST", customers+team.ID+"/members", fmt.Sprintf(`{"email":"m%d@example.com"}`, i)))
	}
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		srv.T.Fatal(err)
	}
	srv.T.Cleanup(func() { hanging.Close() })
	for range 8 {
		srv.Create(endpoints, `{"url":"http://`+hanging.Addr().String()+`/","events":["session.created","session.revoked"]}`)
	}
	return ids[0]
}

// measureTenant creates sessions and lists customers, one after another, and returns the 99th percentile of each.
func measureTenant(t *testing.T, srv *testserver.Server, customer testserver.Created, d time.Duration) map[string]time.Duration {
	taken := map[string][]time.Duration{}
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for kind, send := range map[string]func() testserver.Answer{
			"create": func() testserver.Answer {
				return srv.As(srv.Token, "POST", sessions, `{"customer_id":"`+customer.ID+`"}`)
			},
			"list": func() testserver.Answer { return srv.As(srv.Token, "GET", customers+"?limit=20", "") },
		} {
			began := time.Now()
			if a := send(); a.Status >= 300 {
				t.Errorf("%s: %d %s", kind, a.Status, a.Body)
			}
			taken[kind] = append(taken[kind], time.Since(began))
		}
	}
	p99 := map[string]time.Duration{}
	for kind, all := range taken {
		slices.Sort(all)
		p99[kind] = all[len(all)*99/100]
	}
	return p99
}

// startNoise loads the server in the name of the noisy organization until the returned function is called, which returns the number
// of answered requests.
func startNoise(t *testing.T, srv *testserver.Server, load tenantLoad, customer string) (stop func() int64) {
	ctx, cancel := context.WithCancel(t.Context())
	pace := time.NewTicker(10 * time.Millisecond)
	var wg sync.WaitGroup
	var answered atomic.Int64
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	send := func(method, path, body string) {
		r, err := http.NewRequestWithContext(ctx, method, srv.URL+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		r.Header.Set("Authorization", "Bearer "+srv.Token)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		response, err := client.Do(r)
		if err != nil {
			return // the noise ends
		}
		defer response.Body.Close()
		if _, err := io.Copy(io.Discard, response.Body); err == nil {
			answered.Add(1)
		}
		if response.StatusCode == http.StatusTooManyRequests {
			time.Sleep(100 * time.Millisecond)
		}
	}
	filters := ""
	for i := range 10 {
		filters += fmt.Sprintf("&metadata[plan]=none%d", i)
	}
	n := atomic.Int64{}
	for _, noise := range []struct {
		workers int
		send    func()
	}{
		{8, func() { send("GET", customers+"?limit=100&sorting=name"+filters, "") }},
		{4, func() { send("GET", customers+"?limit=100&query=nothing", "") }},
		{4, func() { send("GET", sessions+"?state=revoked&limit=100", "") }},
		{4, func() {
			send("GET", fmt.Sprintf("%s?limit=100&page=%d", sessions, 1+n.Add(1)%int64(load.sessions/100)), "")
		}},
		{12, func() { send("POST", sessions, `{"customer_id":"`+customer+`"}`) }},
		{4, func() {
			send("POST", customers+"external/big/members", fmt.Sprintf(`{"email":"n%d@example.com"}`, n.Add(1)))
		}},
		{20, func() { send("GET", revocations, "") }},
	} {
		for range noise.workers {
			wg.Go(func() {
				for ctx.Err() == nil {
					<-pace.C
					noise.send()
				}
			})
		}
	}
	return func() int64 {
		cancel()
		wg.Wait()
		pace.Stop()
		return answered.Load()
	}
}
