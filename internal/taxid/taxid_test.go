package taxid_test

import (
	"testing"

	"github.com/postern-go/postern/internal/taxid"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ country, text, number, format string }{
		{"AT", "ATU13585627", "ATU13585627", "eu_vat"},
		{"BE", "BE 403.019.261", "BE0403019261", "eu_vat"},
		{"DE", "DE136695976", "DE136695976", "eu_vat"},
		{"DE", "FR61954506077", "FR61954506077", "eu_vat"}, // any member state's
		{"ES", "ESA58818501", "ESA58818501", "eu_vat"},
		{"FR", "fr 61 954 506 077", "FR61954506077", "eu_vat"},
		{"FR", "EU372022452", "EU372022452", "eu_vat"},
		{"GR", "EL094259216", "EL094259216", "eu_vat"},
		{"IT", "IT00743110157", "IT00743110157", "eu_vat"},
		{"NL", "NL4495445B01", "NL004495445B01", "eu_vat"},
		{"PL", "PL8567346215", "PL8567346215", "eu_vat"},
		{"AU", "51 824 753 556", "51824753556", "au_abn"},
		{"BR", "16.727.230/0001-97", "16727230000197", "br_cnpj"},
		{"CA", "12302 6635 RC 0001", "123026635RC0001", "ca_bn"},
		{"CH", "CHE-123.456.788", "CHE123456788", "ch_uid"},
		{"CH", "CHE-107.787.577 IVA", "CHE107787577IVA", "ch_vat"},
		{"GB", "GB 980 7806 84", "980780684", "gb_vat"},
		{"IN", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV", "in_gst"},
		{"JP", "5835678256246", "5835678256246", "jp_cn"},
		{"KR", "116-82-00276", "1168200276", "kr_brn"},
		{"MX", "GODE 561231 GR8", "GODE561231GR8", "mx_rfc"},
		{"NO", "NO 995 525 828 MVA", "995525828MVA", "no_vat"},
		{"SG", "00192200M", "00192200M", "sg_uen"},
		{"US", "12-3456789", "123456789", "us_ein"},
		{"AE", "100 000 000 000 003", "100000000000003", "ae_trn"}, // check digits are not verified
	} {
		number, format, ok := taxid.Validate(tt.country, tt.text)
		if number != tt.number || format != tt.format || !ok {
			t.Errorf("%s %s is %q, %q, %v, want %s %s", tt.country, tt.text, number, format, ok, tt.number, tt.format)
		}
	}
	for _, tt := range [][2]string{
		{"FR", ""}, {"FR", "F"}, {"FR", "FR"}, {"FR", "61954506077"}, {"FR", "FR61954506078"}, {"FR", "XI123456789"}, {"FR", "EU999022452"},
		{"DE", "é"}, {"DE", "DE136695978"}, {"DE", "NO995525828MVA"}, {"GB", "FR61954506077"}, {"GB", "123456789"}, {"CA", "123456789"},
		{"US", "00-3456789"}, {"US", "1-23456789"}, {"NO", "995525828"}, {"JP", "1234567890"}, {"SG", "201132172D"}, {"ID", "1300000000"},
		{"MX", "J1234567"}, {"KR", "000000000"}, {"CH", "CHE-123.456.787"}, {"AQ", "12345"}, {"AE", "letters"}, {"AE", "123"}, {"AE", "12!34"},
		{"AE", "1234567890123456789012345"},
	} {
		if number, format, ok := taxid.Validate(tt[0], tt[1]); ok {
			t.Errorf("%s %q is %s %s, want an error", tt[0], tt[1], number, format)
		}
	}
}

// Each country of the European Union has its own check digits.
func TestCheckDigitsOfTheEuropeanUnion(t *testing.T) {
	t.Parallel()
	for _, number := range []string{
		"ATU13585627", "BE0428759497", "BG175074752", "CY10259033P", "CZ25123891", "DE136695976", "DK13585628", "EE100931558", "EL023456780",
		"ES54362315K", "FI20774740", "FR40303265045", "HR33392005961", "HU12892312", "IE6433435F", "IT00743110157", "LT119511515", "LU15027442",
		"LV40003521600", "MT11679112", "NL004495445B01", "PL8567346215", "PT501964843", "RO18547290", "SE123456789701", "SI50223054", "SK2022749619",
		"XI980780684", "IM3720000224",
	} {
		if got, _, ok := taxid.Validate("FR", number); got != number || !ok {
			t.Errorf("%s is %q, %v", number, got, ok)
		}
		digit := len(number) - 1
		for number[digit] < '0' || number[digit] > '9' {
			digit--
		}
		if number[:2] == "NL" || number[:2] == "SE" { // the last digits number the offices of one company
			digit -= 3
		}
		if number[:2] == "IM" { // no check digit
			continue
		}
		changed := []byte(number)
		changed[digit] = '0' + (changed[digit]-'0'+1)%10
		if _, _, ok := taxid.Validate("FR", string(changed)); ok {
			t.Errorf("%s is valid, although a digit of %s is changed", changed, number)
		}
	}
}
