package taxid

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// europeanVAT validates a VAT number of any member state, of Northern Ireland (XI), or of the one-stop shop (EU, IM). It starts with
// the code of its country.
func europeanVAT(text string) (string, bool) {
	text = clean(text, "")
	if len(text) < 2 {
		return "", false
	}
	country := text[:2]
	if country == "EU" || country == "IM" {
		return oneStopShop(text)
	}
	code := country
	if country == "EL" {
		code = "GR"
	}
	if country == "XI" {
		n, ok := british(text)
		return "XI" + n, ok
	}
	rule, known := vat[code]
	if !known {
		return "", false
	}
	n := strings.TrimPrefix(clean(text, rule.separators), country)
	if rule.complete != nil {
		n = rule.complete(n)
	}
	return country + n, rule.valid(n)
}

// oneStopShopStates are the ISO 3166-1 numbers of the member states, and 900 for Northern Ireland.
var oneStopShopStates = setOf(`040 056 100 191 196 203 208 233 246 250 276 300 348 372 380 428 440 442 470 528 616 620 642 703 705
	724 752 900`)

func oneStopShop(text string) (string, bool) {
	n := clean(text, " -")
	length := map[string]int{"EU": 11, "IM": 12}[n[:min(2, len(n))]]
	return n, len(n) == length && onlyDigits(n[2:]) && oneStopShopStates[n[2:5]]
}

// rule validates the VAT numbers of a country, without the country's code.
type rule struct {
	// separators are removed.
	separators string
	// complete, unless nil, adds leading zeros that are left out.
	complete func(n string) string
	valid    func(n string) bool
}

var vat = map[string]rule{
	"AT": {separators: " -./", valid: func(n string) bool {
		return len(n) == 9 && n[0] == 'U' && onlyDigits(n[1:]) && (6-luhnSum(n[1:8], digits)+10)%10 == digit(n, 8)
	}},
	"BE": {separators: " -./", complete: func(n string) string {
		if rest, found := strings.CutPrefix(n, "(0)"); found {
			n = "0" + rest
		}
		return leadingZero(n, 9)
	}, valid: func(n string) bool {
		return isDigits(n, 10) && number(n) > 0 && n[0] <= '1' && (number(n[:8])+number(n[8:]))%97 == 0
	}},
	"BG": {separators: " -.", valid: bulgarian},
	"CY": {separators: " -", valid: cypriot},
	"CZ": {separators: " /", valid: czech},
	"DE": {separators: " -./,", valid: func(n string) bool { return isDigits(n, 9) && n[0] != '0' && mod11and10(n) }},
	"DK": {separators: " -.,/:", valid: func(n string) bool {
		return isDigits(n, 8) && n[0] != '0' && weighted(n, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	}},
	"EE": {separators: " ", valid: func(n string) bool { return isDigits(n, 9) && weighted(n, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 == 0 }},
	"ES": {separators: " -", valid: spanish},
	"FI": {separators: " -", valid: func(n string) bool { return isDigits(n, 8) && weighted(n, 7, 9, 10, 5, 8, 4, 2, 1)%11 == 0 }},
	"FR": {separators: " -.", valid: french},
	"GR": {separators: " -./:", complete: func(n string) string { return leadingZero(n, 8) }, valid: func(n string) bool {
		return isDigits(n, 9) && weighted(n, 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == digit(n, 8)
	}},
	"HR": {separators: " -", valid: func(n string) bool { return isDigits(n, 11) && mod11and10(n) }},
	"HU": {separators: " -", valid: func(n string) bool { return isDigits(n, 8) && weighted(n, 9, 7, 3, 1, 9, 7, 3, 1)%10 == 0 }},
	"IE": {separators: " -", valid: irish},
	"IT": {separators: " -:", valid: func(n string) bool {
		if !isDigits(n, 11) || n[:7] == "0000000" || !luhn(n, digits) {
			return false
		}
		office := number(n[7:10])
		return office >= 1 && office <= 100 || slices.Contains([]int{120, 121, 888, 999}, office)
	}},
	"LT": {separators: " -", valid: lithuanian},
	"LU": {separators: " :.-", valid: func(n string) bool { return isDigits(n, 8) && number(n[:6])%89 == number(n[6:]) }},
	"LV": {separators: " -", valid: latvian},
	"MT": {separators: " -", valid: func(n string) bool {
		return isDigits(n, 8) && n[0] != '0' && weighted(n, 3, 4, 6, 7, 8, 9, 10, 1)%37 == 0
	}},
	"NL": {separators: " -.", complete: func(n string) string { return strings.Repeat("0", max(0, 12-len(n))) + n }, valid: dutch},
	"PL": {separators: " -", valid: func(n string) bool { return isDigits(n, 10) && weighted(n, 6, 5, 7, 2, 3, 4, 5, 6, 7, -1)%11 == 0 }},
	"PT": {separators: " -.", valid: func(n string) bool {
		return isDigits(n, 9) && n[0] != '0' && (11-weighted(n, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11%10 == digit(n, 8)
	}},
	"RO": {separators: " -", valid: romanian},
	"SE": {separators: " -.", valid: func(n string) bool { return isDigits(n, 12) && n[10:] == "01" && luhn(n[:10], digits) }},
	"SI": {separators: " -", valid: func(n string) bool {
		if !isDigits(n, 8) || n[0] == '0' {
			return false
		}
		check := 11 - weighted(n, 8, 7, 6, 5, 4, 3, 2)%11
		return check == 10 && n[7] == '0' || check == digit(n, 7)
	}},
	"SK": {separators: " -", valid: func(n string) bool {
		return isDigits(n, 10) && (birthNumber(n) || n[0] != '0' && strings.Contains("234789", n[2:3]) && number(n)%11 == 0)
	}},
}

// leadingZero adds a zero to a number of n characters.
func leadingZero(text string, n int) string {
	if len(text) == n {
		return "0" + text
	}
	return text
}

func bulgarian(n string) bool {
	switch {
	case isDigits(n, 9):
		check := weighted(n, 1, 2, 3, 4, 5, 6, 7, 8) % 11
		if check == 10 {
			check = weighted(n, 3, 4, 5, 6, 7, 8, 9, 10) % 11
		}
		return check%10 == digit(n, 8)
	case isDigits(n, 10):
		year, month := 1900+number(n[:2]), number(n[2:4])
		switch {
		case month > 40:
			year, month = year+100, month-40
		case month > 20:
			year, month = year-100, month-20
		}
		last := digit(n, 9)
		return isDate(year, month, number(n[4:6])) && weighted(n, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == last ||
			weighted(n, 21, 19, 17, 13, 11, 9, 7, 3, 1)%10 == last || (11-weighted(n, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11 == last
	}
	return false
}

func cypriot(n string) bool {
	if len(n) != 9 || !isDigits(n[:8], 8) || n[:2] == "12" {
		return false
	}
	sum := 0
	for i := range 8 {
		if i%2 == 0 {
			sum += []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}[digit(n, i)]
		} else {
			sum += digit(n, i)
		}
	}
	return n[8] == byte('A'+sum%26)
}

func czech(n string) bool {
	switch {
	case isDigits(n, 8):
		check := (11 - weighted(n, 8, 7, 6, 5, 4, 3, 2)%11) % 11
		return n[0] != '9' && max(check, 1)%10 == digit(n, 7)
	case isDigits(n, 9) && n[0] == '6':
		check := weighted(n[1:], 8, 7, 6, 5, 4, 3, 2) % 11
		return ((8-((10-check)+11)%11)%10+10)%10 == digit(n, 8)
	}
	return birthNumber(n)
}

// birthNumber reports whether a text is a birth number of Czechia or Slovakia.
func birthNumber(n string) bool {
	if !isDigits(n, 9) && !isDigits(n, 10) {
		return false
	}
	year := 1900 + number(n[:2])
	switch {
	case len(n) == 9 && year >= 1980:
		year -= 100
	case len(n) == 10 && year < 1954:
		year += 100
	}
	if len(n) == 9 && year > 1953 || !isDate(year, number(n[2:4])%50%20, number(n[4:6])) {
		return false
	}
	return len(n) == 9 || number(n[:9])%11%10 == digit(n, 9)
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

func spanish(n string) bool {
	if len(n) != 9 || !onlyDigits(n[1:8]) {
		return false
	}
	switch first := n[:1]; {
	case strings.Contains("KLM", first):
		return n[8] == dniLetters[number(n[1:8])%23]
	case onlyDigits(first):
		return n[8] == dniLetters[number(n[:8])%23]
	case strings.Contains("XYZ", first):
		return n[8] == dniLetters[number(strconv.Itoa(strings.Index("XYZ", first))+n[1:8])%23]
	case strings.Contains("ABCDEFGHJNPQRSUVW", first):
		check := (10 - luhnSum(n[1:8]+"0", digits)) % 10
		return n[8] == byte('0'+check) || n[8] == "JABCDEFGHI"[check]
	}
	return false
}

func french(n string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	if len(n) != 11 || !onlyDigits(n[2:]) || n[2:5] != "000" && !luhn(n[2:], digits) {
		return false
	}
	a, b := strings.IndexByte(alphabet, n[0]), strings.IndexByte(alphabet, n[1])
	switch {
	case a < 0 || b < 0:
		return false
	case onlyDigits(n[:2]):
		return number(n[:2]) == number(n[2:]+"12")%97
	}
	check := a*34 + b - 100
	if a < 10 {
		check = a*24 + b - 10
	}
	return (number(n[2:])+1+check/11)%11 == check%11
}

func irish(n string) bool {
	const alphabet = "WABCDEFGHIJKLMNOPQRSTUV"
	if len(n) != 8 && len(n) != 9 || strings.Trim(n[7:], alphabet) != "" || !onlyDigits(n[:1]) || !onlyDigits(n[2:7]) {
		return false
	}
	body, extra := n[:7], n[8:]
	if !onlyDigits(n[1:2]) {
		if !strings.Contains("ABCDEFGHIJKLMNOPQRSTUVWXYZ+*", n[1:2]) {
			return false
		}
		body, extra = "0"+n[2:7]+n[:1], ""
	}
	return n[7] == alphabet[(weighted(body, 8, 7, 6, 5, 4, 3, 2)+9*strings.Index(alphabet, extra))%23]
}

func lithuanian(n string) bool {
	if !isDigits(n, 9) && !isDigits(n, 12) || n[len(n)-2] != '1' {
		return false
	}
	sum := func(shift int) (sum int) {
		for i := range len(n) - 1 {
			sum += (1 + (i+shift)%9) * digit(n, i)
		}
		return sum % 11
	}
	check := sum(0)
	if check == 10 {
		check = sum(2)
	}
	return check%10 == digit(n, len(n)-1)
}

func latvian(n string) bool {
	if !isDigits(n, 11) {
		return false
	}
	if n[0] > '3' {
		return weighted(n, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)%11 == 3
	}
	if !strings.HasPrefix(n, "32") && !isDate(1800+100*digit(n, 6)+number(n[4:6]), number(n[2:4]), number(n[:2])) {
		return false
	}
	return (1+weighted(n, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9))%11%10 == digit(n, 10)
}

func dutch(n string) bool {
	if len(n) != 12 || !isDigits(n[:9], 9) || number(n[:9]) == 0 || n[9] != 'B' || !isDigits(n[10:], 2) || number(n[10:]) == 0 {
		return false
	}
	return weighted(n, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 || mod97("NL"+n) == 1
}

func romanian(n string) bool {
	switch {
	case isDigits(n, 13): // a personal number
		century := map[byte]int{'3': 1800, '4': 1800, '5': 2000, '6': 2000}[n[0]]
		if century == 0 {
			century = 1900
		}
		county := number(n[7:9])
		known := county >= 1 && county <= 48 || slices.Contains([]int{51, 52, 70, 80, 81, 82, 83}, county)
		check := weighted(n, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
		if check == 10 {
			check = 1
		}
		return n[0] != '0' && known && isDate(century+number(n[1:3]), number(n[3:5]), number(n[5:7])) && check == digit(n, 12)
	case onlyDigits(n) && len(n) >= 2 && len(n) <= 10 && n[0] != '0':
		body := fmt.Sprintf("%09d", number(n[:len(n)-1]))
		return 10*weighted(body, 7, 5, 3, 2, 1, 7, 5, 3, 2)%11%10 == digit(n, len(n)-1)
	}
	return false
}
