package directory

import (
	"encoding/json"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/taxid"
)

// TaxID is a tax id and the name of its format, such as "eu_vat".
type TaxID struct{ Value, Format string }

// setTaxID sets the tax id from the text that a user typed, or deletes it if the text is null. If the text is not set, it checks
// that the existing tax id fits the billing address.
func (c *Customer) setTaxID(typed Patch[string]) error {
	if typed.Set && typed.Value == nil {
		c.TaxID = nil
	}
	value := typed.Value
	if value == nil && c.TaxID != nil {
		value = &c.TaxID.Value
	}
	if value == nil {
		return nil
	}
	if c.BillingAddress == nil {
		return fault.Rule(fault.Field{Type: "missing", Name: []any{"billing_address"}, Msg: "Country is required to validate tax ID."})
	}
	number, format, ok := taxid.Validate(c.BillingAddress.Country, *value)
	if !ok {
		return fault.Rule(fault.Field{Type: "invalid", Name: []any{"tax_id"}, Msg: "Invalid tax ID.", Input: toJSON(value)})
	}
	c.TaxID = &TaxID{Value: number, Format: format}
	return nil
}

// MarshalJSON returns the form in which the store saves a tax id: an array of value and format.
func (t TaxID) MarshalJSON() ([]byte, error) { return json.Marshal([2]string{t.Value, t.Format}) }

// UnmarshalJSON parses the array that MarshalJSON returns.
func (t *TaxID) UnmarshalJSON(b []byte) error {
	var pair [2]string
	err := json.Unmarshal(b, &pair)
	t.Value, t.Format = pair[0], pair[1]
	return err
}
