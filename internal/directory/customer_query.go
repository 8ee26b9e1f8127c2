package directory

import (
	"context"

	"github.com/postern-go/postern/internal/token"
)

// CustomerQuery selects a page of an organization's customers. Sort accepts created_at, email and name.
type CustomerQuery struct {
	Organization token.Key
	// Email, unless nil, matches the whole address, ignoring case.
	Email *string
	// Text, unless nil, matches a part of the email address, the name or the billing name, or the beginning of the external
	// id. It ignores case.
	Text *string
	// Metadata maps a metadata key to values, as text. A customer must have one of the values for each key.
	Metadata map[string][]string
	Sort     []Sort
	Page     Page
}

// Customers returns a page of customers, and the number of customers on all pages. A page after the last one is empty.
func (d *Service) Customers(ctx context.Context, q CustomerQuery) ([]Customer, int, error) {
	return d.store.Customers(ctx, q)
}
