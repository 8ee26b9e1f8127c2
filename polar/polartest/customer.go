package polartest

import (
	"context"
	"fmt"

	"github.com/postern-go/postern/polar"
)

// Customer creates a customer. Without parameters, the customer is an individual with a unique email address, name and external
// ID. With parameters, an individual without an Email gets a unique email address. The test fails if the server refuses the
// customer, or if several parameters are given.
func (s *Server) Customer(params ...polar.CustomerCreate) *polar.Customer {
	s.t.Helper()
	n := s.customers.Add(1)
	email := fmt.Sprintf("customer-%d@example.com", n)
	var in polar.CustomerCreate = polar.CustomerIndividualCreate{
		Email: email, Name: polar.Set(fmt.Sprintf("Customer %d", n)), ExternalID: polar.ExternalCustomerID(fmt.Sprintf("user_%d", n)),
	}
	if optional(s, params) {
		in = params[0]
	}
	if individual, ok := in.(polar.CustomerIndividualCreate); ok && individual.Email == "" {
		individual.Email = email
		in = individual
	}
	customer, err := s.client.Customers.Create(context.Background(), in)
	if err != nil {
		s.t.Fatalf("polartest: create customer: %v", err)
	}
	return customer
}

// Session creates a session. Without parameters, or with parameters that name no Customer, it creates a customer too. The test
// fails if the server refuses the session, or if several parameters are given.
func (s *Server) Session(params ...polar.CustomerSessionCreate) *polar.CustomerSession {
	s.t.Helper()
	var in polar.CustomerSessionCreate
	if optional(s, params) {
		in = params[0]
	}
	if in.Customer == nil {
		in.Customer = s.Customer().ID
	}
	session, err := s.client.CustomerSessions.Create(context.Background(), in)
	if err != nil {
		s.t.Fatalf("polartest: create session: %v", err)
	}
	return session
}

// optional reports whether an optional parameter is given. The test fails if several parameters are given.
func optional[T any](s *Server, params []T) bool {
	s.t.Helper()
	if len(params) > 1 {
		s.t.Fatalf("polartest: %d parameters; at most one is allowed", len(params))
	}
	return len(params) == 1
}
