package token_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestIDContainsItsKey(t *testing.T) {
	var last token.Key
	for i := range 5000 {
		id := token.NewID(noon.Add(time.Duration(i) * time.Millisecond))
		if !uuid4.MatchString(id.String()) {
			t.Fatalf("%s is not a version-4 UUID", id)
		}
		if token.IDOf(id.Key(), id.Tail()) != id {
			t.Fatalf("%s does not come back from its key %d and tail %d", id, id.Key(), id.Tail())
		}
		if id.Key() <= last {
			t.Fatalf("key %d does not follow %d", id.Key(), last)
		}
		last = id.Key()
	}
}

func TestIDKeepsExtremeKeys(t *testing.T) {
	for _, tt := range []struct {
		key  token.Key
		tail int64
		want string
	}{
		{0, 0, "00000000-0000-4000-8000-000000000000"},
		{1, 0, "00000000-0000-4000-8800-000000000000"},
		{1<<63 - 1, 0, "ffffffff-ffff-4fff-b800-000000000000"},
		{0, 1<<59 - 1, "00000000-0000-4000-87ff-ffffffffffff"},
		{1<<63 - 1, 1<<59 - 1, "ffffffff-ffff-4fff-bfff-ffffffffffff"},
	} {
		id := token.IDOf(tt.key, tt.tail)
		if id.String() != tt.want || id.Key() != tt.key || id.Tail() != tt.tail {
			t.Errorf("IDOf(%d, %d) = %s with key %d and tail %d, wanted %s", tt.key, tt.tail, id, id.Key(), id.Tail(), tt.want)
		}
	}
}

func TestIsZeroReportsUnsetID(t *testing.T) {
	if !(token.ID{}).IsZero() || token.NewID(noon).IsZero() {
		t.Error("IsZero is wrong")
	}
}

// Concurrent goroutines that create keys at the same time get different keys.
func TestKeysAreUnique(t *testing.T) {
	now := time.Now()
	const each, minters = 20_000, 8
	keys := make(chan token.Key, each*minters)
	var wg sync.WaitGroup
	for range minters {
		wg.Go(func() {
			for range each {
				keys <- token.NewID(now).Key()
			}
		})
	}
	wg.Wait()
	close(keys)
	seen := make(map[token.Key]bool, each*minters)
	for key := range keys {
		if seen[key] {
			t.Fatalf("the key %d was minted twice", key)
		}
		seen[key] = true
	}
}

// Keys are unique also if one clock is ahead of another, or was set back.
func TestKeysOfClocksThatDifferAreUnique(t *testing.T) {
	seen := map[token.Key]bool{}
	ahead, behind := time.Now().Add(24*time.Hour), time.Now().Add(-100*24*time.Hour)
	clocks := []time.Time{ahead, behind}
	for _, later := range []time.Duration{256 * time.Second, 10 * time.Minute, time.Hour, 4096 * time.Second, 24 * time.Hour, 30 * 24 * time.Hour} {
		clocks = append(clocks, behind.Add(later))
	}
	for range 20_000 {
		for _, now := range clocks {
			key := token.NewID(now).Key()
			if seen[key] {
				t.Fatalf("the key %d was minted twice", key)
			}
			seen[key] = true
		}
	}
}

func TestParseIDAcceptsOnlyTheCanonicalForm(t *testing.T) {
	id := token.NewID(time.Now())
	if got, ok := token.ParseID(id.String()); !ok || got != id {
		t.Errorf("got %v, %v, wanted %v", got, ok, id)
	}
	for _, text := range []string{"", "x", strings.ToUpper("0a" + id.String()[2:]), strings.ReplaceAll(id.String(), "-", "_"), id.String() + " ", id.String()[1:] + "g"} {
		if got, ok := token.ParseID(text); ok || !got.IsZero() {
			t.Errorf("%q is %v", text, got)
		}
	}
}
