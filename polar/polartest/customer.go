package polartest

import (
	"context"
	"fmt"

	"github.com/postern-go/postern/polar"
)

// Customer makes a customer: without parameters an individual, with an email address, a name and an external id that no other
// has; else the one that is asked for, an individual without an Email with such an address. When the server refuses it, or when
// two are asked for, the test ends.
func (s *Server) Customer(params ...polar.CustomerCreate) *polar.Customer {
	s.t.Helper()
	n := s.made.Add(1)
	email := fmt.Sprintf("customer-%d@example.com", n)
	var in polar.CustomerCreate = polar.CustomerIndividualCreate{
		Email: email, Name: polar.Set(fmt.Sprintf("Customer %d", n)), ExternalID: polar.ExternalCustomerID(fmt.Sprintf("user_%d", n)),
	}
	if one(s, params) {
		in = params[0]
	}
	if individual, ok := in.(polar.CustomerIndividualCreate); ok && individual.Email == "" {
		individual.Email = email
		in = individual
	}
	customer, err := s.client.Customers.Create(context.Background(), in)
	if err != nil {
		s.t.Fatalf("polartest: no customer: %v", err)
	}
	return customer
}

// Session makes a session: without parameters, or without a Customer in them, that of a new customer. When the server refuses it,
// or when two are asked for, the test ends.
func (s *Server) Session(params ...polar.CustomerSessionCreate) *polar.CustomerSession {
	s.t.Helper()
	var in polar.CustomerSessionCreate
	if one(s, params) {
		in = params[0]
	}
	if in.Customer == nil {
		in.Customer = s.Customer().ID
	}
	session, err := s.client.CustomerSessions.Create(context.Background(), in)
	if err != nil {
		s.t.Fatalf("polartest: no session: %v", err)
	}
	return session
}

// one reports whether there is a parameter; more than one end the test.
func one[T any](s *Server, params []T) bool {
	s.t.Helper()
	if len(params) > 1 {
		s.t.Fatalf("polartest: %d are asked for, and one is made at a time", len(params))
	}
	return len(params) == 1
}
