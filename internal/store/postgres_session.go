package store

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// groupTimeout is the timeout of a statement that serves several callers. Their own contexts do not apply to it.
const groupTimeout = 10 * time.Second

type sessionInsert struct {
	ctx   context.Context
	entry session.Entry

	inserted bool
	err      error
	done     chan struct{}
}

// insertSessions inserts all sessions in one statement. If the server rejects the statement, insertSessions inserts each
// session separately, so that only the callers of invalid sessions get an error.
func (e *postgres) insertSessions(jobs []*sessionInsert) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	var live []*sessionInsert
	for _, job := range jobs {
		if job.err = job.ctx.Err(); job.err == nil { // skip jobs whose caller no longer waits
			live = append(live, job)
		}
	}
	if err := e.insertTogether(ctx, live); err != nil {
		for _, job := range live {
			job.err = err
			if !isFault(err) && len(live) > 1 {
				job.err = e.insertTogether(ctx, []*sessionInsert{job})
			}
		}
	}
	for _, job := range jobs {
		close(job.done)
	}
}

// insertTogether inserts all sessions in one statement. If it returns an error, it has inserted none. If several sessions have
// the same key, it inserts only the first.
func (e *postgres) insertTogether(ctx context.Context, jobs []*sessionInsert) error {
	if len(jobs) == 0 {
		return nil
	}
	var c sessionColumns
	for _, job := range jobs {
		c.add(job.entry)
	}
	keys, err := all(scanKey)(e.query(ctx, insertSessions, c.args()...))
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if i := slices.Index(keys, job.entry.ID.Key()); i >= 0 {
			job.inserted, keys[i] = true, noKey
		}
	}
	return nil
}

// noKey is a value that is never the key of a row.
const noKey token.Key = -1

const insertSessions = `INSERT INTO sessions (key, tail, kind, organization, customer, member,
	organization_generation, customer_generation, member_generation, hash, secret, return_url, read_only, idle_timeout,
	created_at, expires_at, creator, metadata, created_ip, created_agent, proven_at, impersonated, seen_at, seen_ip, seen_agent, end_reason)
	SELECT *, 0, '', '', '' FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[], $11::bigint[], $12::text[], $13::boolean[], $14::bigint[],
	$15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::text[], $20::text[], $21::bigint[], $22::boolean[])
	ON CONFLICT (key) DO NOTHING RETURNING key`

func scanKey(r row) (key token.Key, err error) {
	err = r.Scan(&key)
	return key, err
}

// sessionColumns holds the rows of an insert as one slice for each column. The function unnest of PostgreSQL expects this form.
type sessionColumns struct {
	key, tail, organization, customer, member                    []int64
	organizationGeneration, customerGeneration, memberGeneration []int64
	secret, idle, created, expires, creator, proven              []int64
	kind, returnURL, metadata, createdIP, createdAgent           []string
	hash                                                         [][]byte
	readOnly, impersonated                                       []bool
}

func (c *sessionColumns) add(e session.Entry) {
	c.key, c.tail = append(c.key, int64(e.ID.Key())), append(c.tail, e.ID.Tail())
	c.kind, c.returnURL = append(c.kind, string(e.Kind)), append(c.returnURL, e.ReturnURL)
	c.organization, c.customer, c.member = append(c.organization, int64(e.Organization)), append(c.customer, int64(e.Customer)), append(c.member, int64(e.Member))
	c.organizationGeneration = append(c.organizationGeneration, int64(e.Generations.Organization))
	c.customerGeneration = append(c.customerGeneration, int64(e.Generations.Customer))
	c.memberGeneration = append(c.memberGeneration, int64(e.Generations.Member))
	c.hash, c.secret = append(c.hash, e.Hash[:]), append(c.secret, int64(e.Secret))
	c.readOnly, c.idle = append(c.readOnly, e.ReadOnly), append(c.idle, e.IdleTimeout.Microseconds())
	c.impersonated = append(c.impersonated, e.Impersonated)
	c.created, c.expires = append(c.created, micros(e.CreatedAt)), append(c.expires, micros(e.ExpiresAt))
	c.creator, c.metadata = append(c.creator, int64(e.Creator)), append(c.metadata, metadataText(e.Metadata))
	c.createdIP, c.createdAgent = append(c.createdIP, e.CreatedBy.IP), append(c.createdAgent, e.CreatedBy.UserAgent)
	c.proven = append(c.proven, microsOrZero(e.ProvenAt))
}

func (c *sessionColumns) args() []any {
	return []any{
		c.key, c.tail, c.kind, c.organization, c.customer, c.member,
		c.organizationGeneration, c.customerGeneration, c.memberGeneration, c.hash, c.secret, c.returnURL, c.readOnly, c.idle,
		c.created, c.expires, c.creator, c.metadata, c.createdIP, c.createdAgent, c.proven, c.impersonated,
	}
}

type sessionLookup struct {
	key    token.Key
	record session.Record
	found  bool
	err    error
	done   chan struct{}
}

const sessionsByKey = selectSession + ` AND s.key = ANY($1)`

// lookUpSessions runs all lookups in one query.
func (e *postgres) lookUpSessions(jobs []*sessionLookup) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	keys := make([]int64, len(jobs))
	for i, job := range jobs {
		keys[i] = int64(job.key)
	}
	records, err := all(scanSession)(e.query(ctx, sessionsByKey, keys))
	found := make(map[token.Key]session.Record, len(records))
	for _, r := range records {
		found[r.ID.Key()] = r
	}
	for _, job := range jobs {
		job.record, job.found = found[job.key]
		job.err = err
		close(job.done)
	}
}
