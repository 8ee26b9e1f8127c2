package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/store"
)

const (
	adminCustomers = 100_000
	adminSessions  = 1_000_000
	adminEntries   = 200_000 // of the audit log, and deliveries
	adminRounds    = 7
	// pageLimit is the time that an admin page may take on the server, in milliseconds.
	pageLimit = 200
)

// adminPages are the admin pages, including searches that match no row, one row and nearly every row. {customer} and {session} are
// ids in the middle of the lists.
var adminPages = []string{
	"", "activity",
	"customers", "customers?last=1", "customers?order=name", "customers?after={customer}", "customers?q=e", "customers?q=nobody", "customers?q=leila+77777", "customers?q=leila&order=name",
	"sessions", "sessions?state=revoked", "sessions?state=expired&order=oldest", "sessions?state=all&last=1", "sessions?state=all&after={session}",
	"sessions?q=leila+77777&state=all", "sessions?q=leila", "sessions?q=192.0.2.7&state=all", "sessions?q=203.0.113.99",
	"audit-log", "audit-log?action=customer.deleted", "audit-log?last=1",
	"deliveries", "deliveries?state=failed", "deliveries?type=login.failed", "deliveries?last=1",
	"failed-mails", "sign-ins", "access-tokens", "settings",
}

// operatorPages measures the admin pages of an organization with 100,000 customers and a million sessions: the time of the handler,
// without the network.
func operatorPages() ([]result, error) { return onEachEngine((*engine).operatorPages) }

func (e *engine) operatorPages(ctx context.Context) ([]result, error) {
	f, err := e.fixture(ctx)
	if err != nil {
		return nil, err
	}
	f.store.Close()
	config := e.config
	config.Admin = true
	created, err := e.accessToken(ctx, config)
	if err != nil {
		return nil, err
	}
	if f.store, err = e.open(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	err = f.fillAdmin(ctx)
	f.store.Close()
	if err != nil {
		return nil, err
	}
	fmt.Printf("%s: %d customers and %d sessions were inserted in %.0f s\n", e.name, adminCustomers, adminSessions, time.Since(began).Seconds())
	s, err := postern.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	o := operatorClient{handler: s.Handler()}
	if _, err := o.send(http.MethodPost, "sign-in", url.Values{"token": {created}}, http.StatusSeeOther); err != nil {
		return nil, err
	}
	var results []result
	for _, page := range adminPages {
		path := strings.NewReplacer("{customer}", fmt.Sprint(adminKey+adminCustomers/2), "{session}", fmt.Sprint(adminKey+adminSessions/2)).Replace(page)
		var times []float64
		for range adminRounds {
			took, err := o.send(http.MethodGet, path, nil, http.StatusOK)
			if err != nil {
				return nil, err
			}
			times = append(times, float64(took.Microseconds())/1000)
		}
		ms := median(times)
		results = append(results, result{
			Name:  fmt.Sprintf("%s, admin page /%s, ms; baseline: the limit", e.name, page),
			Value: ms, Baseline: pageLimit, Ratio: ms / pageLimit, Target: 1, Better: "lower",
		})
	}
	return results, nil
}

// accessToken creates an access token with all scopes.
func (e *engine) accessToken(ctx context.Context, config postern.Config) (string, error) {
	s, err := postern.Open(ctx, config)
	if err != nil {
		return "", err
	}
	defer s.Close()
	t, err := s.CreateAccessToken(ctx, "inside", postern.NewAccessToken{})
	return t.Token, err
}

// operatorClient sends requests of a signed-in operator to a handler.
type operatorClient struct {
	handler http.Handler
	cookies []*http.Cookie
}

// send sends a request and returns how long the handler took. It returns an error unless the answer has the status.
func (o *operatorClient) send(method, path string, form url.Values, status int) (took time.Duration, err error) {
	r := httptest.NewRequest(method, "http://localhost/admin/"+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range o.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	began := time.Now()
	o.handler.ServeHTTP(w, r)
	took = time.Since(began)
	if w.Code != status {
		return took, fmt.Errorf("%s /admin/%s: %d %s", method, path, w.Code, w.Body)
	}
	o.cookies = append(o.cookies, w.Result().Cookies()...)
	return took, nil
}

const (
	// adminKey is the first key of the rows. adminAtOnce is the number of rows that one statement inserts.
	adminKey    = 1000
	adminAtOnce = 20_000
)

// fillAdmin inserts the rows with SQL, because creating them through the API would take an hour.
func (f *fixture) fillAdmin(ctx context.Context) error {
	now := time.Now()
	blob := `x'00'`
	if f.store.Shared() {
		blob = `decode('00', 'hex')`
	}
	for _, fill := range []struct {
		rows      int
		statement string
	}{
		{adminCustomers, `INSERT INTO customers (key, tail, organization, type, external_id, email, email_folded, email_verified, name, metadata, search, folded,
			generation, created_at)
			SELECT $key + i, 0, $1, 'individual', 'user_' || i, 'c' || i || '@example.com', 'c' || i || '@example.com', $4 <> $4, 'Leïla ' || i, '{}',
			'c' || i || '@example.com' || 'leïla ' || i, 'leila ' || i || $line || 'c' || i || '@example.com' || $line || 'user_' || i, 0, $4 - 100000000000 + i FROM n`},
		// A third of the sessions is live, and every twentieth was ended.
		{adminSessions, `INSERT INTO sessions (key, tail, kind, organization, customer, member, organization_generation, customer_generation, member_generation,
			hash, secret, return_url, read_only, impersonated, idle_timeout, created_at, expires_at, seen_at, creator, metadata, created_ip, created_agent,
			seen_ip, seen_agent, ended_at, end_reason)
			SELECT $key + i, 0, 'polar_cst_', $1, $key + i % $customers, 0, 0, 0, 0, $blob, $secret, '', $4 <> $4, $4 <> $4, 0, $4 - 100000000000 + i,
			CASE WHEN i % 3 = 0 THEN $4 + 86400000000 ELSE $4 - 1 END, $4 - 50000000000 + i, 0, '{}', '192.0.2.' || (i % 250), 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)',
			'192.0.2.' || (i % 250), 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)', CASE WHEN i % 20 = 0 THEN $4 - 1 END,
			CASE WHEN i % 20 = 0 THEN 'revoked' ELSE '' END FROM n`},
		{adminEntries, `INSERT INTO audit_log (key, tail, organization, organization_tail, created_at, action, outcome, actor_kind, actor, actor_tail, session,
			session_tail, actor_name, ip, agent, target_kind, target, target_tail, customer, customer_tail, member, member_tail, details)
			SELECT $key + i, 0, $1, 0, $4 - 100000000000 + i, 'customer.created', 'succeeded', 'access_token', 1, 0, 0, 0, '', '192.0.2.1', 'curl', 'customer',
			$key + i, 0, $key + i, 0, 0, 0, '{}' FROM n`},
		{1, `INSERT INTO webhook_endpoints (key, tail, organization, url, events, secret, old_secret, old_until, enabled, created_at)
			SELECT $key, 0, $1, 'https://example.com/hook', 'session.revoked', 'polar_whs_x', '', 0, $4 <> $4, $4 + i FROM n`},
		{adminEntries, `INSERT INTO webhook_events (key, tail, organization, type, body, at)
			SELECT $key + i, 0, $1, 'session.revoked', '{"type":"session.revoked"}', $4 - 100000000000 + i FROM n`},
		{adminEntries, `INSERT INTO webhook_deliveries (tail, event, endpoint, subject, state, attempts, first_at, next_at, http_code, error, created_at)
			SELECT 0, $key + i, $key, $key + i + 0 * $1, CASE WHEN i % 1000 = 0 THEN 'failed' ELSE 'succeeded' END, 1, $4, $4, 200, '', $4 - 100000000000 + i FROM n`},
	} {
		statement := `WITH RECURSIVE n (i) AS (SELECT CAST($2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $3) ` + strings.NewReplacer(
			"$key", fmt.Sprint(adminKey), "$customers", fmt.Sprint(adminCustomers), "$blob", blob, "$secret", "(SELECT secret FROM access_tokens ORDER BY key DESC LIMIT 1)", "$line", "'\n'", "$4", "CAST($4 AS BIGINT)", "$1", "CAST($1 AS BIGINT)",
		).Replace(fill.statement)
		for from := 0; from < fill.rows; from += adminAtOnce {
			err := f.store.Write(ctx, func(tx *store.Tx) error {
				return tx.Exec(ctx, statement, f.org.ID.Key(), from, min(from+adminAtOnce, fill.rows), now.UnixMicro())
			})
			if err != nil {
				return fmt.Errorf("%.60s: %w", fill.statement, err)
			}
		}
	}
	return nil
}
