package directory

import (
	"reflect"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// before holds a roster as it was before a change, and the time of the change. ModifiedAt moves only if the change
// has an effect, or if the request names a field that Polar always writes.
type before struct {
	at       time.Time
	customer Customer
	members  map[token.ID]Member
}

// remember stores the roster before a change.
func (r *Roster) remember(at time.Time) {
	r.before = before{at: at, customer: r.Customer, members: map[token.ID]Member{}}
	for _, m := range r.Members {
		r.before.members[m.ID] = m
	}
}

// touch sets ModifiedAt of the customer and of each member that differs from the remembered roster. It can be called several times.
func (r *Roster) touch() {
	now := r.before.at
	if !reflect.DeepEqual(r.Customer.content(), r.before.customer.content()) {
		r.Customer.ModifiedAt = &now
	}
	for i := range r.Members {
		m := &r.Members[i]
		if was, known := r.before.members[m.ID]; known && !reflect.DeepEqual(m.content(), was.content()) {
			m.ModifiedAt = &now
		}
	}
}

// content returns the customer without the fields that the organization does not set.
func (c Customer) content() Customer {
	c.Generation, c.ModifiedAt, c.DeletedAt, c.OwnerEmail = 0, nil, nil, nil
	return c
}

// content returns the member without the fields that the organization does not set.
func (m Member) content() Member {
	m.Generation, m.ModifiedAt, m.DeletedAt, m.Pending = 0, nil, nil, false
	return m
}
