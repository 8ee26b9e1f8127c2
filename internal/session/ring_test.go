package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/postern-go/postern/internal/token"
)

// The ring of one shard receives records of mixed sizes. It always holds exactly the newest records, without a gap, within
// its size limit.
func TestRingDropsTheOldestRecords(t *testing.T) {
	for _, longest := range []int{0, 1, 40, 300, 2000} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("up to %d, seed %d", longest, seed), func(t *testing.T) {
				const bound = 64 * 6000
				c, random := newCache(bound), rand.New(rand.NewPCG(seed, uint64(longest)))
				s := &c.shards[0]
				var put []Record
				for n := range 500 {
					r := record(n*shards, random.IntN(longest+1)) // all in shard 0
					c.put(r, 0)
					put = append(put, r)
					known := 0
					for i, old := range slices.Backward(put) {
						got, ok := c.get(old.ID.Key())
						if ok && got != old {
							t.Fatalf("after %d: record %d is %+v, wanted %+v", n, i, got, old)
						}
						if !ok {
							break
						}
						known++
					}
					if known == 0 || known != len(s.index) {
						t.Fatalf("after %d: the cache has the %d newest records of %d in the index", n, known, len(s.index))
					}
					if cap(s.ring) > bound/shards {
						t.Fatalf("after %d: the ring has %d bytes, its limit is %d", n, cap(s.ring), bound/shards)
					}
				}
			})
		}
	}
}

// A record that is put again keeps its place. A cache without space stores nothing and does not fail.
func TestRingKeepsPlaceOfRepeatedRecord(t *testing.T) {
	c := newCache(64 * 4096)
	first := record(64, 10)
	c.put(first, 0)
	other := first
	other.ReturnURL = "https://example.com/another"
	c.put(other, 0)
	if got, ok := c.get(64); !ok || got != first {
		t.Errorf("after the second put: %+v, %v, wanted the first record", got, ok)
	}
	none := newCache(1)
	none.put(first, 0)
	if _, ok := none.get(64); ok {
		t.Error("a cache without space returned a record")
	}

	fits := newCache(64 * 4096)
	limit := fits.shards[0].limit
	for n := range 5 { // each fills the whole ring
		whole := record(n*shards, limit-recordBytes)
		fits.put(whole, 0)
		if got, ok := fits.get(token.Key(n * shards)); !ok || got != whole || len(fits.shards[0].index) != 1 {
			t.Fatalf("a record of the whole ring: %v, %d in the index", ok, len(fits.shards[0].index))
		}
	}
}
