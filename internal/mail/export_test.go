package mail

import (
	"context"
	"net"
)

// ConnectTo leads all connections to one address, as a name server would.
func (s *SMTP) ConnectTo(address string) {
	s.connect = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}
