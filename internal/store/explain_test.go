package store

import (
	"context"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
)

// recorder is an engine that records queries.
type recorder struct {
	engine
	queries []recordedQuery
}

type recordedQuery struct {
	query string
	args  []any
}

func (s *recorder) queryRow(ctx context.Context, query string, args ...any) row {
	s.queries = append(s.queries, recordedQuery{query, args})
	return s.engine.queryRow(ctx, query, args...)
}

func (s *recorder) query(ctx context.Context, query string, args ...any) (rows, error) {
	s.queries = append(s.queries, recordedQuery{query, args})
	return s.engine.query(ctx, query, args...)
}

func (s *recorder) scanner() (querier, int) { return s, 1 }

// hot are the reads that must not slow down as the store grows.
var hot = map[string]func(ctx context.Context, s *Store) error{
	"session": func(ctx context.Context, s *Store) error {
		return s.queryRow(ctx, sessionByKey, token.Key(1)).Scan()
	},
	"sessions together": func(ctx context.Context, s *Store) error {
		if s.dialect().name != "postgres" {
			return nil
		}
		_, err := all(scanSession)(s.query(ctx, sessionsByKey, []int64{1, 2, 3}))
		return err
	},
	"customers": func(ctx context.Context, s *Store) error {
		_, _, err := s.Customers(ctx, directory.CustomerQuery{
			Organization: 1, Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: 2, Limit: 10},
		})
		return err
	},
	"customers after one": func(ctx context.Context, s *Store) error {
		_, _, err := s.Customers(ctx, directory.CustomerQuery{
			Organization: 1, Sort: []directory.Sort{{By: "created_at"}}, Page: directory.Page{Limit: 10, After: 19_000},
		})
		return err
	},
	"members after one": func(ctx context.Context, s *Store) error {
		_, _, err := s.Members(ctx, directory.MemberQuery{
			Organization: 1, Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Limit: 10, After: 19_000},
		})
		return err
	},
	"sessions after one": func(ctx context.Context, s *Store) error {
		_, _, err := s.Entries(ctx, session.Query{Organization: 1, Limit: 10, After: 19_000})
		return err
	},
	"customers by email": func(ctx context.Context, s *Store) error {
		email := "5@example.com"
		_, _, err := s.Customers(ctx, directory.CustomerQuery{
			Organization: 1, Email: &email, Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: 1, Limit: 10},
		})
		return err
	},
	"members": func(ctx context.Context, s *Store) error {
		_, _, err := s.Members(ctx, directory.MemberQuery{
			Organization: 1, Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: 2, Limit: 10},
		})
		return err
	},
	"holders": func(ctx context.Context, s *Store) error {
		_, err := s.HoldersByEmail(ctx, 1, "5@example.com")
		return err
	},
	"log": func(ctx context.Context, s *Store) error {
		_, err := s.Revocations(ctx, 19_000, 1000)
		return err
	},
	"end of the log": func(ctx context.Context, s *Store) error {
		_, err := s.LastRevocation(ctx)
		return err
	},
}

// fill inserts so many rows that the engine's planner prefers an index.
func fill(t *testing.T, s *Store, series string) {
	t.Helper()
	const n = `FROM ($series) n`
	blob := `x''`
	if s.dialect().name == "postgres" {
		blob = `''::bytea`
	}
	for _, statement := range []string{
		`INSERT INTO organizations (key, tail, slug, name, member_model, email_change, policy, generation, created_at) VALUES ($1, 0, 'acme', '', $2, $2, '{}', 0, 0)`,
		`INSERT INTO customers (key, tail, organization, type, email, email_folded, email_verified, metadata, search, generation, created_at)
			SELECT i, 0, $1, 'team', i || '@example.com', i || '@example.com', $2, '{}', '', 0, i ` + n,
		`INSERT INTO members (key, tail, organization, customer, email, email_folded, role, generation, created_at)
			SELECT i, 0, $1, i, i || '@example.com', i || '@example.com', CASE WHEN $2 THEN 'owner' ELSE '' END, 0, i ` + n,
		`INSERT INTO sessions (key, tail, kind, organization, customer, member, organization_generation, customer_generation, member_generation,
			hash, secret, return_url, read_only, impersonated, idle_timeout, created_at, expires_at, seen_at, creator, metadata, created_ip, created_agent,
			seen_ip, seen_agent, end_reason)
			SELECT i, 0, '', $1, i, i, 0, 0, 0, $blob, 0, '', $2, $2, 0, 0, 0, 0, 0, '{}', '', '', '', '', '' ` + n,
		`INSERT INTO revocations (organization, customer, member, session, generation, reason, at) SELECT $1, i, 0, 0, 0, CASE WHEN $2 THEN '' END, 0 ` + n,
	} {
		if err := s.Write(t.Context(), func(tx *Tx) error {
			return tx.Exec(t.Context(), strings.NewReplacer("$series", series, "$blob", blob).Replace(statement), token.Key(1), true)
		}); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if s.dialect().name != "postgres" {
		return // Postern never runs ANALYZE on a SQLite store
	}
	if err := s.Write(t.Context(), func(tx *Tx) error { return tx.Exec(t.Context(), `ANALYZE`) }); err != nil {
		t.Fatal(err)
	}
}

// plans returns the engine's plans for the queries of f.
func plans(t *testing.T, s *Store, explain string, f func(context.Context, *Store) error) string {
	t.Helper()
	watched := &recorder{engine: s.engine}
	_ = f(t.Context(), &Store{engine: watched})
	var b strings.Builder
	for _, a := range watched.queries {
		lines, err := all(func(r row) (line string, err error) {
			if s.dialect().name == "postgres" {
				err = r.Scan(&line)
				return line, err
			}
			var id, parent, unused int
			err = r.Scan(&id, &parent, &unused, &line)
			return line, err
		})(s.query(t.Context(), explain+a.query, a.args...))
		if err != nil {
			t.Errorf("%s: %v", a.query, err)
		}
		b.WriteString(strings.Join(lines, "\n") + "\n\n")
	}
	return b.String()
}

func TestSQLiteQueriesUseIndexes(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir(), SQLiteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t, s, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n`)
	for name, want := range map[string][]string{
		"session":             {"SEARCH s USING INTEGER PRIMARY KEY", "SEARCH c USING INTEGER PRIMARY KEY", "SEARCH m USING INTEGER PRIMARY KEY"},
		"customers":           {"INDEX customers_list", "SEARCH c USING INTEGER PRIMARY KEY"},
		"customers after one": {"INDEX customers_list (organization=? AND created_at>?)", "SEARCH c USING INTEGER PRIMARY KEY"},
		"members after one":   {"INDEX members_list (organization=? AND created_at<?)", "SEARCH m USING INTEGER PRIMARY KEY"},
		"sessions after one":  {"INDEX sessions_organization (organization=? AND key<?)"},
		"customers by email":  {"INDEX customers_email"},
		"members":             {"INDEX members_list", "SEARCH m USING INTEGER PRIMARY KEY"},
		"holders":             {"INDEX members_email", "INDEX customers_email"},
		"log":                 {"SEARCH revocations USING INTEGER PRIMARY KEY"},
		"end of the log":      {"SEARCH revocations"},
	} {
		wantPlan(t, name, plans(t, s, "EXPLAIN QUERY PLAN ", hot[name]), want, "SCAN ")
	}
}

func TestPostgresQueriesUseIndexes(t *testing.T) {
	s := openTest(t, pgtest.URL(t))
	fill(t, s, `SELECT generate_series(1, 20000) AS i`)
	for name, want := range map[string][]string{
		"session":             {"sessions_pkey", "customers_pkey", "members_pkey"},
		"sessions together":   {"sessions_pkey", "customers_pkey", "members_pkey"},
		"customers":           {"Scan Backward using customers_list", "customers_pkey"},
		"customers after one": {"Index Only Scan using customers_list", "ROW(created_at, key) > ROW("},
		"members after one":   {"Scan Backward using members_list", "ROW(created_at, key) < ROW("},
		"sessions after one":  {"(key < '19000'::bigint)"},
		"customers by email":  {"customers_email"},
		"members":             {"Scan Backward using members_list", "members_pkey"},
		"holders":             {"members_email", "customers_email"},
		"log":                 {"revocations_pkey"},
		"end of the log":      {"revocations_pkey"},
	} {
		forbidden := []string{"Seq Scan on sessions", "Seq Scan on revocations"}
		if name == "sessions after one" {
			forbidden = nil // the total counts all sessions
		}
		wantPlan(t, name, plans(t, s, "EXPLAIN ", hot[name]), want, forbidden...)
	}
}

func wantPlan(t *testing.T, name, plan string, want []string, forbidden ...string) {
	t.Helper()
	for _, part := range want {
		if !strings.Contains(plan, part) {
			t.Errorf("%s: the plan lacks %q:\n%s", name, part, plan)
		}
	}
	for _, part := range forbidden {
		if strings.Contains(plan, part) {
			t.Errorf("%s: the plan has %q:\n%s", name, part, plan)
		}
	}
}
