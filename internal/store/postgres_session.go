package store

import (
	"context"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// groupTimeout bounds a statement that several callers wait for, and which therefore none of their contexts bounds.
const groupTimeout = 10 * time.Second

type sessionInsert struct {
	ctx    context.Context
	record session.Record

	inserted bool
	err      error
	done     chan struct{}
}

// insertSessions keeps all of the sessions in one statement; or, when the server refuses that, each in one of its own, so
// that nobody hears of what is wrong with another's.
func (e *postgres) insertSessions(jobs []*sessionInsert) {
	ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
	defer cancel()
	var live []*sessionInsert
	for _, job := range jobs {
		if job.err = job.ctx.Err(); job.err == nil { // or its caller is gone, and nothing has been done yet
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

// insertTogether keeps all of the sessions or, with an error, none. Of two with the same key, it keeps the first.
func (e *postgres) insertTogether(ctx context.Context, jobs []*sessionInsert) error {
	if len(jobs) == 0 {
		return nil
	}
	var c sessionColumns
	for _, job := range jobs {
		c.add(job.record)
	}
	keys, err := all(scanKey)(e.query(ctx, insertSessions, c.args()...))
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if i := slices.Index(keys, job.record.ID.Key()); i >= 0 {
			job.inserted, keys[i] = true, noKey
		}
	}
	return nil
}

// noKey is the key of no row.
const noKey token.Key = -1

const insertSessions = `INSERT INTO sessions (key, tail, kind, organization, customer, member, customer_generation, member_generation,
	hash, secret, return_url, created_at, expires_at)
	SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
	$9::bytea[], $10::bigint[], $11::text[], $12::bigint[], $13::bigint[])
	ON CONFLICT (key) DO NOTHING RETURNING key`

func scanKey(r row) (key token.Key, err error) {
	err = r.Scan(&key)
	return key, err
}

// sessionColumns are rows of sessions, turned on their side.
type sessionColumns struct {
	key, tail, organization, customer, member, customerGeneration, memberGeneration, secret, created, expires []int64
	kind, returnURL                                                                                           []string
	hash                                                                                                      [][]byte
}

func (c *sessionColumns) add(r session.Record) {
	c.key, c.tail = append(c.key, int64(r.ID.Key())), append(c.tail, r.ID.Tail())
	c.kind, c.returnURL = append(c.kind, string(r.Kind)), append(c.returnURL, r.ReturnURL)
	c.organization, c.customer, c.member = append(c.organization, int64(r.Organization)), append(c.customer, int64(r.Customer)), append(c.member, int64(r.Member))
	c.customerGeneration = append(c.customerGeneration, int64(r.CustomerGeneration))
	c.memberGeneration = append(c.memberGeneration, int64(r.MemberGeneration))
	c.hash, c.secret = append(c.hash, r.Hash[:]), append(c.secret, int64(r.Secret))
	c.created, c.expires = append(c.created, micros(r.CreatedAt)), append(c.expires, micros(r.ExpiresAt))
}

func (c *sessionColumns) args() []any {
	return []any{
		c.key, c.tail, c.kind, c.organization, c.customer, c.member, c.customerGeneration, c.memberGeneration,
		c.hash, c.secret, c.returnURL, c.created, c.expires,
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

// lookUpSessions finds all that are asked for in one query.
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
