package wiretest_test

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/testserver"
)

// Endpoints that accept requests and never answer do not delay the events of another organization, however many organizations have
// them.
func TestHangingEndpointsDoNotDelayOthers(t *testing.T) {
	t.Parallel()
	srv := testserver.New(t, allowLoopback, testserver.RateLimits("off"))
	hanging, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hanging.Close() })
	for i := range 8 {
		org := srv.Neighbor(fmt.Sprintf("slow-%d", i))
		for range 9 {
			org.Create("/v1/webhooks/endpoints", `{"url":"http://`+hanging.Addr().String()+`/","events":["session.created"]}`)
		}
		org.CustomerSession(org.Ada())
	}
	good := newReceiver(t)
	subscribe(srv, good, "session.created")
	customer := srv.Ada()
	began := time.Now()
	for range 3 {
		srv.CustomerSession(customer)
	}
	good.waitFor(3)
	if took := time.Since(began); took > 8*time.Second { // a request to a hanging endpoint takes 15 seconds
		t.Errorf("the events took %s", took)
	}
}
