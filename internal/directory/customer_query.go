package directory

import (
	"context"

	"github.com/postern-go/postern/internal/keyset"
	"github.com/postern-go/postern/internal/token"
)

// CustomerQuery selects a page of an organization's customers. Sort accepts created_at, email and name.
type CustomerQuery struct {
	Organization token.Key
	// Email, unless nil, must equal the whole address; see [FoldEmail].
	Email *string
	// Text, unless nil, must be a part of the email address, the name or the billing name, or the beginning of the external id,
	// ignoring case.
	Text *string
	// Metadata maps metadata keys to lists of values, as text. For each key, a selected customer has one of the values.
	Metadata map[string][]string
	Sort     []Sort
	Page     Page
}

// Customers returns a page of customers, and the number of customers on all pages. A page after the last one is empty.
func (d *Service) Customers(ctx context.Context, q CustomerQuery) ([]Customer, int, error) {
	return d.store.Customers(ctx, q)
}

// CustomerOrder is the order of a [BrowseQuery].
type CustomerOrder string

// The orders of customers.
const (
	Newest CustomerOrder = "newest"
	Oldest CustomerOrder = "oldest"
	ByName CustomerOrder = "name"
)

// BrowseQuery selects a page of an organization's customers by the customer next to it.
type BrowseQuery struct {
	Organization token.Key
	// Text, unless "", must be a part of the name, the email address, the billing name or the external id. Case and accents do not
	// matter; see [FoldText].
	Text  string
	Order CustomerOrder
	Range keyset.Range
}

// BrowseCustomers returns a page of customers. The count is exact without a text.
func (d *Service) BrowseCustomers(ctx context.Context, q BrowseQuery) (keyset.Page[Customer], error) {
	return d.store.BrowseCustomers(ctx, q)
}
