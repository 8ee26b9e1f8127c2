package body

import (
	"time"

	"github.com/postern-go/postern/internal/session"
)

// CustomerSessionUpdate is the body of PATCH /v1/customer-sessions/{id}.
type CustomerSessionUpdate struct {
	// ExpiresIn is the new remaining lifetime, counted from the request. It is nil if it was not given.
	ExpiresIn *time.Duration
	// Metadata replaces the stored metadata. It is nil if the field was absent.
	Metadata map[string]any
}

// ReadCustomerSessionUpdate reads the changed fields of a session.
func ReadCustomerSessionUpdate(v Value) (in CustomerSessionUpdate, err error) {
	o := open(v)
	in.ExpiresIn = o.seconds("expires_in", session.MinLifetime, session.MaxLifetime)
	in.Metadata = o.newMetadata("metadata")
	return result(in, o)
}
