package mail

import (
	"context"
	"net"
)

// ConnectTo makes s connect to address instead of the host in its URL.
func (s *SMTP) ConnectTo(address string) {
	s.connect = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
}
