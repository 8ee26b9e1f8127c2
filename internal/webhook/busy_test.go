package webhook

import (
	"testing"

	"github.com/postern-go/postern/internal/token"
)

// One organization occupies at most its share, slow endpoints at most a half, and an endpoint that leaves makes room.
func TestRoomForEndpoints(t *testing.T) {
	var b busy
	begin := func(key, org token.Key, wantBegun, wantFull bool) {
		t.Helper()
		if begun, full := b.begin(DueEndpoint{key, org}); begun != wantBegun || full != wantFull {
			t.Errorf("endpoint %d of %d: begun %v, full %v", key, org, begun, full)
		}
	}
	for i := range token.Key(maxShare) {
		begin(i, 1, true, false)
	}
	begin(0, 1, false, false) // already in the set
	begin(100, 1, false, false)
	begin(200, 2, true, false)
	b.end(DueEndpoint{0, 1}, true)
	begin(100, 1, true, false)
	begin(0, 1, false, false)
	for i := range token.Key(maxShare) {
		b.end(DueEndpoint{i, 1}, true)
	}
	b.end(DueEndpoint{100, 1}, false)
	b.end(DueEndpoint{200, 2}, false)
	if len(b.endpoints) != 0 || b.slowShare != 0 || len(b.shares) != 0 && b.shares[1] > 0 {
		t.Fatalf("an empty set: %+v", b.endpoints)
	}

	for i := range token.Key(2 * maxSlow) {
		b.slow[1000+i] = true
	}
	for i := range token.Key(2 * maxSlow) { // as many organizations as endpoints
		begin(1000+i, 1000+i, i < maxSlow, false)
	}
	for i := range token.Key(maxBusy - maxSlow) {
		begin(5000+i, 5000+i, true, false)
	}
	begin(9000, 9000, false, true)
	b.end(DueEndpoint{1000, 1000}, false)
	begin(1000, 1000, true, false) // not slow any more
}
