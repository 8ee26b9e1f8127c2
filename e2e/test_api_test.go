package e2e

import (
	"context"
	"testing"
)

// Tests in TypeScript use the clock, mailbox, faults and organizations of `postern dev --test-api`.
func TestTestAPI(t *testing.T) {
	t.Parallel()
	installSDKs(t)
	for _, generation := range []string{"0", "1"} {
		t.Run(generation, func(t *testing.T) {
			t.Parallel()
			c := config{env: []string{"TMPDIR=" + t.TempDir()}}
			s := start(t, c.command(context.Background(), "dev", "--test-api", "--listen", "127.0.0.1:0"))
			runScenario(t, "typescript", []string{"POSTERN_URL=" + s.url}, "node", "test_api.mjs", generation)
			s.stop()
		})
	}
}

// The test API does not exist without the flag.
func TestTestAPIIsOffByDefault(t *testing.T) {
	t.Parallel()
	c := directoryConfig(t.TempDir())
	initialize(t, c)
	dev := config{env: []string{"TMPDIR=" + t.TempDir()}}
	for _, s := range []*server{
		serve(t, c), start(t, dev.command(context.Background(), "dev", "--listen", "127.0.0.1:0")),
	} {
		for _, path := range []string{"/_test/clock", "/_test/mail", "/_test/faults"} {
			if status, body, err := s.call("GET", path, "", nil); err != nil || status != 404 {
				t.Errorf("GET %s: %d %s %v", path, status, body, err)
			}
		}
		s.stop()
	}
}
