// Package taxid validates the tax ids of customers: the format and the check digits, but not the register of a tax authority. The
// rules are those of the Python library stdnum, which Polar uses.
package taxid

import "strings"

// Validate returns a tax id without separators, and the name of its format, such as "eu_vat". The country is an ISO 3166-1 alpha-2
// code. Validate reports false if the country has no tax ids, or if the text is not one of them.
//
// Check digits are verified for the countries of the European Union, and for AU, BR, CA, CH, GB, ID, IN, JP, KR, MX, NO, SG and US. For
// other countries, any text of 4 to 24 letters and digits with at least one digit is accepted.
func Validate(country, text string) (number, format string, ok bool) {
	if union[country] {
		number, ok = europeanVAT(text)
		return number, "eu_vat", ok
	}
	for _, f := range checked[country] {
		if number, ok := f.validate(text); ok {
			return number, f.name, true
		}
	}
	if checked[country] != nil {
		return "", "", false
	}
	format, known := others[country]
	number, ok = bare(text)
	return number, format, known && ok
}

// format is a kind of tax ids.
type format struct {
	name string
	// validate returns the number without separators.
	validate func(text string) (string, bool)
}

// union are the countries of the European Union.
var union = setOf(`AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK`)

// checked lists the formats of countries outside of the European Union whose check digits are verified. The first that fits is used.
var checked = map[string][]format{
	"AU": {{"au_abn", australian}},
	"BR": {{"br_cnpj", brazilian}},
	"CA": {{"ca_bn", canadian}},
	"CH": {{"ch_uid", swiss}, {"ch_vat", swissVAT}},
	"GB": {{"gb_vat", british}},
	"ID": {{"id_npwp", indonesian}},
	"IN": {{"in_gst", indian}},
	"JP": {{"jp_cn", japanese}},
	"KR": {{"kr_brn", korean}},
	"MX": {{"mx_rfc", mexican}},
	"NO": {{"no_vat", norwegian}},
	"SG": {{"sg_uen", singaporean}},
	"US": {{"us_ein", american}},
}

// others maps the other countries that have tax ids to the names of their formats.
var others = func() map[string]string {
	formats := map[string]string{}
	for name := range strings.FieldsSeq(`ad_nrt ae_trn ar_cuit bh_vat bo_tin cl_tin cn_tin co_nit cr_tin do_rcn ec_ruc eg_tin ge_vat
		hk_br il_vat is_vat ke_pin kz_bin li_uid mk_vat mu_tan my_itn ng_tin nz_gst om_vat pe_ruc ph_tin rs_pib sa_vat sv_nit th_vat
		tr_tin tw_vat ua_vat uy_ruc ve_rif vn_tin za_vat`) {
		country, _, _ := strings.Cut(name, "_")
		formats[strings.ToUpper(country)] = name
	}
	return formats
}()

// The minimum and maximum length of a tax id whose check digits are not verified, in characters.
const (
	minLength = 4
	maxLength = 24
)

// bare removes the separators from a tax id and converts it to upper case.
func bare(text string) (string, bool) {
	number := clean(text, " .-/")
	letters := strings.Trim(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	return number, letters && strings.ContainsAny(number, "0123456789") && len(number) >= minLength && len(number) <= maxLength
}

// clean removes separators and converts a text to upper case.
func clean(text, separators string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212", r) {
			r = '-'
		}
		if strings.ContainsRune(separators, r) {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(strings.ToUpper(text))
}

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
