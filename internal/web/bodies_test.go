package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/metrics"
)

func exchange() *Exchange { return &Exchange{ResponseWriter: httptest.NewRecorder()} }

func gauge(t *testing.T, m *metrics.Metrics, line string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
		t.Errorf("the metrics lack %s", line)
	}
}

func TestBodiesAreRefusedAfterAWaitWhenTheMemoryIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New()
		bodies := NewBodies(m)
		r := httptest.NewRequest("POST", "/", nil)
		first := exchange()
		if err := bodies.Reserve(first, r, anonymousBodies, false); err != nil {
			t.Fatal(err)
		}
		gauge(t, m, "postern_body_bytes 1.6777216e+07")

		second := exchange()
		start := time.Now()
		err := bodies.Reserve(second, r, uncounted+1, false)
		if !fault.Is(err, fault.Unavailable) || time.Since(start) != anonymousWait {
			t.Errorf("full: %v after %s", err, time.Since(start))
		}
		if second.Header().Get("Connection") != "close" {
			t.Error("the connection stays open, and the server would read the body")
		}
		// Short bodies and the bodies of authenticated callers have room.
		for range 100_000 {
			if err := bodies.Reserve(second, r, uncounted, false); err != nil {
				t.Fatal(err)
			}
		}
		known := exchange()
		if err := bodies.Reserve(known, r, knownBodies, true); err != nil {
			t.Error(err)
		}
		known.release()

		go func() {
			time.Sleep(anonymousWait / 2)
			first.release()
			first.release() // has no effect
		}()
		third := exchange()
		if err := bodies.Reserve(third, r, anonymousBodies, false); err != nil {
			t.Errorf("after the memory became free: %v", err)
		}
		second.release()
		third.release()
		gauge(t, m, "postern_body_bytes 0")
	})
}

func TestOneBodyMayTakeAllTheMemoryAndNoMore(t *testing.T) {
	bodies := NewBodies(nil)
	for range 2 {
		x := exchange()
		for _, n := range []int64{64 << 10, 100 * anonymousBodies, 1 << 20} { // as sent, parsed
			if err := bodies.Reserve(x, httptest.NewRequest("POST", "/", nil), n, false); err != nil {
				t.Error(err)
			}
		}
		x.release()
	}
}

// A client that goes away stops waiting.
func TestWaitForMemoryEndsWithTheRequest(t *testing.T) {
	bodies := NewBodies(nil)
	x := exchange()
	defer x.release()
	if err := bodies.Reserve(x, httptest.NewRequest("POST", "/", nil), anonymousBodies, false); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := bodies.Reserve(exchange(), httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil), anonymousBodies, false)
	if !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
