package directory

import (
	"context"

	"github.com/postern-go/postern/internal/token"
)

// CustomerQuery asks for a page of an organization's customers. Sort knows created_at, email and name.
type CustomerQuery struct {
	Organization token.Key
	// Email, unless nil, is the whole address, whatever its case.
	Email *string
	// Text, unless nil, is a part of the email address, the name or the billing name, or the beginning of the external id,
	// whatever its case.
	Text *string
	// Metadata are names with the values of which each must have one, as text.
	Metadata map[string][]string
	Sort     []Sort
	Page     Page
}

// Customers returns a page of customers, and how many there are on all pages. A page behind the last one is empty.
func (d *Service) Customers(ctx context.Context, q CustomerQuery) ([]Customer, int, error) {
	return d.store.Customers(ctx, q)
}
