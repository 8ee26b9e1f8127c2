package session

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// record returns a record whose fields all depend on n.
func record(n, returnURL int) Record {
	at := time.UnixMicro(int64(n)).UTC()
	r := Record{Session: Session{
		ID: token.IDOf(token.Key(n), int64(n)*3), Kind: token.Customer, Organization: token.Key(n + 1), Customer: token.Key(n + 2),
		ReturnURL: strings.Repeat("x", returnURL), CreatedAt: at, ExpiresAt: at.Add(DefaultLifetime),
	}, Secret: token.SecretID(n)}
	if n%2 == 0 {
		r.Kind, r.Member = token.Member, token.Key(n+3)
	}
	r.Hash[n%32] = byte(n)
	return r
}

// The test compares the cache with a map: the cache returns what was put, has the newest records, and keeps its size limit.
func TestCacheMatchesModel(t *testing.T) {
	const bound = 64 * 4096
	c, random, model := newCache(bound), rand.New(rand.NewPCG(1, 2)), map[int]Record{}
	for n := range 50_000 {
		r := record(n, random.IntN(300))
		c.put(r, 0)
		model[n] = r
		if got, ok := c.get(token.Key(n)); !ok || got != r {
			t.Fatalf("record %d is %+v, %v right after it was put", n, got, ok)
		}
		old := random.IntN(n + 1)
		if got, ok := c.get(token.Key(old)); ok && got != model[old] {
			t.Fatalf("record %d came back as %+v, wanted %+v", old, got, model[old])
		}
	}
	used, entries := 0, 0
	for i := range c.shards {
		used += len(c.shards[i].ring) + len(c.shards[i].index)*indexBytes
		entries += len(c.shards[i].index)
	}
	if used > bound || entries < 300 {
		t.Errorf("%d bytes for %d records, wanted at most %d bytes and at least 300 records", used, entries, bound)
	}
}

func TestCacheSkipsOversizedRecords(t *testing.T) {
	c := newCache(64 * 1024)
	c.put(record(1, 5000), 0)
	if _, ok := c.get(1); ok {
		t.Error("a record larger than its shard is remembered")
	}
}

func FuzzCacheRecord(f *testing.F) {
	f.Add(int64(1), int64(2), int64(3), "https://example.com/", int64(4))
	f.Fuzz(func(t *testing.T, key, organization, customer int64, returnURL string, at int64) {
		r := Record{Session: Session{
			ID: token.IDOf(token.Key(key&(1<<63-1)), 7), Kind: token.Customer, Organization: token.Key(organization),
			Customer: token.Key(customer), ReturnURL: returnURL, CreatedAt: time.UnixMicro(at).UTC(), ExpiresAt: time.UnixMicro(at).UTC(),
		}}
		b := make([]byte, recordBytes+len(returnURL))
		encode(b, r)
		if got := decode(b); got != r {
			t.Errorf("got %+v, wanted %+v", got, r)
		}
	})
}
