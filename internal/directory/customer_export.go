package directory

import (
	"context"

	"github.com/postern-go/postern/internal/token"
)

// exportPage is how many customers an export reads at a time.
const exportPage = 500

// EachCustomer calls f with every customer of the organization, the oldest first, until f returns an error. It reads a page at a time,
// and holds no connection while f runs. Customers that are created meanwhile may be missing; others are neither skipped nor repeated.
func (d *Service) EachCustomer(ctx context.Context, org Organization, f func(page []Customer) error) error {
	for after := token.Key(1); ; {
		page, err := d.store.CustomersAfter(ctx, org.ID.Key(), after, exportPage)
		if err != nil {
			return err
		}
		if err := f(page); err != nil || len(page) < exportPage {
			return err
		}
		after = page[len(page)-1].ID.Key()
	}
}
