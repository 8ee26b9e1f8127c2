package body

import "time"

// CustomerSessionUpdate is the body of PATCH /v1/customer-sessions/{id}.
type CustomerSessionUpdate struct {
	// ExpiresIn counts from now; nil when it was not given.
	ExpiresIn *time.Duration
	// Metadata replaces what is stored; nil when it was left out.
	Metadata map[string]any
}

// ReadCustomerSessionUpdate reads what is to change in a session.
func ReadCustomerSessionUpdate(v Value) (in CustomerSessionUpdate, err error) {
	if err := missing(v); err != nil {
		return in, err
	}
	o := open(v)
	in.ExpiresIn = o.seconds("expires_in", minLifetime, maxLifetime)
	if v.get("metadata").kind != absentKind {
		in.Metadata = o.metadata("metadata")
	}
	return result(in, o)
}
