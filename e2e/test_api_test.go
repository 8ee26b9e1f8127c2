package e2e

import (
	"context"
	"testing"
)

// Tests in TypeScript have a clock, a mailbox, faults and organizations of their own
// from `postern dev --test-api`.
func TestTestAPI(t *testing.T) {
	t.Parallel()
	installSDKs(t)
	for _, generation := range []string{"0", "1"} {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			h := home{env: []string{"TMPDIR=" + t.TempDir()}}
			s := start(t, h.postern(context.Background(), "dev", "--test-api", "--listen", "127.0.0.1:0"))
			runScenario(t, "typescript", []string{"POSTERN_URL=" + s.url}, "node", "test_api.mjs", generation)
			s.stop()
		})
	}
}

// Without the flag there is nothing of it.
func TestNoTestAPI(t *testing.T) {
	t.Parallel()
	h := directoryHome(t.TempDir())
	initialize(t, h)
	dev := home{env: []string{"TMPDIR=" + t.TempDir()}}
	for _, s := range []*server{
		serve(t, h), start(t, dev.postern(context.Background(), "dev", "--listen", "127.0.0.1:0")),
	} {
		for _, path := range []string{"/_test/clock", "/_test/mail", "/_test/faults"} {
			if status, body, err := s.call("GET", path, "", nil); err != nil || status != 404 {
				t.Errorf("GET %s: %d %s %v", path, status, body, err)
			}
		}
		s.stop()
	}
}
