package directory

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// TestAnonymizeErasesWhatItDoesNotKeep checks every field of a customer. A new field is erased unless anonymize keeps it.
func TestAnonymizeErasesWhatItDoesNotKeep(t *testing.T) {
	now, text := time.Now(), "text"
	full := Customer{
		ID: token.NewID(now), Organization: token.NewID(now), Type: Team, ExternalID: &text, Email: &text, EmailVerified: true, OwnerEmail: &text,
		Name: &text, BillingName: &text, BillingAddress: &Address{Line1: &text}, TaxID: &TaxID{Value: text}, Locale: &text,
		Metadata: map[string]any{text: text}, Generation: 1, CreatedAt: now, ModifiedAt: &now, DeletedAt: &now,
	}
	kept := []string{"ID", "Organization", "Type", "ExternalID", "Name", "TaxID", "Locale", "Generation", "CreatedAt", "ModifiedAt", "DeletedAt"}
	before, r := reflect.ValueOf(full), Roster{Customer: full}
	r.anonymize()
	after := reflect.ValueOf(r.Customer)
	for i := range before.NumField() {
		name := before.Type().Field(i).Name
		if before.Field(i).IsZero() {
			t.Errorf("the test does not set the field %s", name)
		}
		erased := after.Field(i).IsZero() || name == "Metadata" && len(r.Customer.Metadata) == 0
		if erased == slices.Contains(kept, name) {
			t.Errorf("%s is erased: %t", name, erased)
		}
	}
	if r.Customer = full; !r.EraseMembers {
		t.Error("the members are not erased")
	}
	r.Customer.TaxID = nil
	if r.anonymize(); r.Customer.Name != nil {
		t.Error("the name of a customer without a tax id is not erased")
	}
}
