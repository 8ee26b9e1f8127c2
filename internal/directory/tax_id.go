package directory

import (
	"encoding/json"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// TaxID is a tax id and the name of its format, such as "eu_vat".
type TaxID struct{ Value, Format string }

// taxFormats maps each country to the name of its tax id format. The countries of the European Union share one format.
var taxFormats = func() map[string]string {
	formats := map[string]string{}
	for format := range strings.FieldsSeq(`ad_nrt ae_trn ar_cuit au_abn bh_vat bo_tin br_cnpj ca_bn ch_vat cl_tin cn_tin co_nit
		cr_tin do_rcn ec_ruc eg_tin gb_vat ge_vat hk_br id_npwp il_vat in_gst is_vat jp_cn ke_pin kr_brn kz_bin li_uid mk_vat
		mu_tan mx_rfc my_itn ng_tin no_vat nz_gst om_vat pe_ruc ph_tin rs_pib sa_vat sg_gst sv_nit th_vat tr_tin tw_vat ua_vat
		us_ein uy_ruc ve_rif vn_tin za_vat`) {
		country, _, _ := strings.Cut(format, "_")
		formats[strings.ToUpper(country)] = format
	}
	for country := range strings.FieldsSeq(`AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK`) {
		formats[country] = "eu_vat"
	}
	return formats
}()

// The minimum and maximum length of a tax id, in characters. They cover the formats of all countries.
const (
	minTaxID = 4
	maxTaxID = 24
)

// setTaxID sets the tax id from the text that a user typed, or deletes it if the text is null. If the text is not set, it checks
// that the existing tax id fits the billing address. It checks the characters and the length, but neither the check digits nor the register of the tax authority.
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
	format, known := taxFormats[c.BillingAddress.Country]
	bare, ok := bareTaxID(*value)
	if !known || !ok {
		return fault.Rule(fault.Field{Type: "invalid", Name: []any{"tax_id"}, Msg: "Invalid tax ID.", Input: toJSON(typed.Value)})
	}
	c.TaxID = &TaxID{Value: bare, Format: format}
	return nil
}

// bareTaxID removes the separators from a tax id and converts it to upper case. It reports false if the result is not a tax
// id.
func bareTaxID(typed string) (string, bool) {
	var b strings.Builder
	digits := false
	for _, r := range strings.ToUpper(typed) {
		switch {
		case r >= '0' && r <= '9':
			digits = true
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r)
		case !strings.ContainsRune(" .-/", r):
			return "", false
		}
	}
	return b.String(), digits && b.Len() >= minTaxID && b.Len() <= maxTaxID
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
