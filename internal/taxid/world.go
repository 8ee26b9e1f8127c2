package taxid

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func australian(text string) (string, bool) {
	n := clean(text, " ")
	if !isDigits(n, 11) {
		return "", false
	}
	sum := weighted(n[2:], 3, 5, 7, 9, 11, 13, 15, 17, 19)
	return n, 11+((-sum-1)%89+89)%89 == number(n[:2])
}

var cnpj = regexp.MustCompile(`^[0-9A-Z]{12}[0-9]{2}$`)

func brazilian(text string) (string, bool) {
	n := clean(text, " -./")
	if !cnpj.MatchString(n) || strings.HasPrefix(n, "000000000000") {
		return "", false
	}
	first := (11*12*50 - weighted(n[:12], 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 % 10
	second := (11*12*50 - weighted(n[:12]+strconv.Itoa(first), 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)) % 11 % 10
	return n, n[12:] == strconv.Itoa(first)+strconv.Itoa(second)
}

func canadian(text string) (string, bool) {
	n := clean(text, "- ")
	if len(n) < 9 || !isDigits(n[:9], 9) || !luhn(n[:9], digits) {
		return "", false
	}
	program := n[9:]
	return n, program == "" || len(program) == 6 && slices.Contains([]string{"RC", "RM", "RP", "RT"}, program[:2]) && isDigits(program[2:], 4)
}

func swiss(text string) (string, bool) {
	n := clean(text, " -.")
	if isDigits(n, 9) {
		n = "CHE" + n
	}
	if len(n) != 12 || !strings.HasPrefix(n, "CHE") || !isDigits(n[3:], 9) {
		return "", false
	}
	sum := weighted(n[3:], 5, 4, 3, 2, 7, 6, 5, 4)
	return n, (11-sum%11)%11 == digit(n, 11)
}

func swissVAT(text string) (string, bool) {
	n := clean(text, " -.")
	if len(n) < 12 || !slices.Contains([]string{"MWST", "TVA", "IVA", "TPV"}, n[12:]) {
		return "", false
	}
	_, ok := swiss(n[:12])
	return n, ok
}

func british(text string) (string, bool) {
	n := clean(text, " -.")
	if strings.HasPrefix(n, "GB") || strings.HasPrefix(n, "XI") {
		n = n[2:]
	}
	switch {
	case len(n) == 5: // government departments and health authorities
		return n, isDigits(n[2:], 3) && british3(n[:2], n[2:])
	case len(n) == 11 && (strings.HasPrefix(n, "GD8888") || strings.HasPrefix(n, "HA8888")):
		return n, isDigits(n[6:], 5) && british3(n[:2], n[6:9]) && number(n[6:9])%97 == number(n[9:])
	case (len(n) == 9 || len(n) == 12) && onlyDigits(n):
		rest := weighted(n[:9], 8, 7, 6, 5, 4, 3, 2, 10, 1) % 97
		return n, rest == 0 || number(n[:3]) >= 100 && (rest == 42 || rest == 55)
	}
	return "", false
}

func british3(kind, digits string) bool {
	return kind == "GD" && number(digits) < 500 || kind == "HA" && number(digits) >= 500
}

func indonesian(text string) (string, bool) {
	n := clean(text, " -.")
	switch {
	case isDigits(n, 15):
		return n, luhn(n[:9], digits)
	case isDigits(n, 16) && n[0] == '0':
		return n, luhn(n[:10], digits)
	case isDigits(n, 16): // the number of an identity card: place, date of birth, serial number
		day, month, year := number(n[6:8])%40, number(n[8:10]), number(n[10:12])
		return n, isDate(1900+year, month, day) || isDate(2000+year, month, day)
	}
	return "", false
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

var gstin = regexp.MustCompile(`^(?:0[1-9]|[12][0-9]|3[0-7])[A-Z]{3}[ABCFGHJKLPT][A-Z][0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]$`)

func indian(text string) (string, bool) {
	n := clean(text, " -")
	return n, gstin.MatchString(n) && n[7:11] != "0000" && luhn(n, letters)
}

func japanese(text string) (string, bool) {
	n := clean(text, "- ")
	if !isDigits(n, 13) {
		return "", false
	}
	sum := 0
	for i := range 12 {
		sum += digit(n, 12-i) * (1 + i%2)
	}
	return n, 9-sum%9 == digit(n, 0)
}

func korean(text string) (string, bool) {
	n := clean(text, " -")
	return n, isDigits(n, 10) && n[:3] >= "101" && n[3:5] != "00" && n[5:9] != "0000"
}

var rfc = regexp.MustCompile(`^(?:[A-Z&Ñ]{4}[0-9]{6}(?:[0-9A-Z]{3})?|[A-Z&Ñ]{3}[0-9]{6}[0-9A-Z]{3})$`)

// rude are words with which a Mexican tax id cannot start.
var rude = setOf(`BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COJA COJE COJI COJO CULO FETO GUEY JOTO KACA KACO KAGA KAGO KAKA KOGE KOJO
	KULO MAME MAMO MEAR MEAS MEON MION MOCO MULA PEDA PEDO PENE PUTA PUTO QULO RATA RUIN`)

func mexican(text string) (string, bool) {
	n := clean(text, "-_ ")
	if !rfc.MatchString(n) {
		return "", false
	}
	runes := []rune(n)
	name := 4
	if len(runes) == 12 {
		name = 3
	}
	born := string(runes[name : name+6])
	return n, !(name == 4 && rude[string(runes[:4])]) && isDate(2000+number(born[:2]), number(born[2:4]), number(born[4:]))
}

func norwegian(text string) (string, bool) {
	n := strings.TrimPrefix(clean(text, " "), "NO")
	own, found := strings.CutSuffix(n, "MVA")
	return n, found && isDigits(own, 9) && weighted(own, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// entities are the kinds of organizations in Singapore other than businesses and companies.
var entities = setOf(`CC CD CH CL CM CP CS CX DP FB FC FM FN GA GB GS HS LL LP MB MC MD MH MM MQ NB NR PA PB PF RF RP SM SS TC TU VH XL`)

func singaporean(text string) (string, bool) {
	n := clean(text, "")
	switch {
	case len(n) == 9 && isDigits(n[:8], 8):
		return n, n[8] == "XMKECAWLJDB"[weighted(n, 10, 4, 9, 3, 8, 2, 7, 1)%11]
	case len(n) == 10 && isDigits(n[:9], 9):
		return n, n[9] == "ZKCMDNERGWH"[weighted(n, 10, 8, 6, 4, 9, 7, 5, 3, 1)%11]
	case len(n) == 10 && strings.Contains("RST", n[:1]) && isDigits(n[1:3], 2) && isDigits(n[5:9], 4) && entities[n[3:5]]:
		const alphabet = "ABCDEFGHJKLMNPQRSTUVWX0123456789"
		sum := -5
		for i, weight := range []int{4, 3, 5, 3, 10, 2, 2, 5, 7} {
			sum += weight * strings.IndexByte(alphabet, n[i])
		}
		return n, n[9] == alphabet[(sum+11)%11]
	}
	return "", false
}

var ein = regexp.MustCompile(`^[0-9]{2}-?[0-9]{7}$`)

// unassigned are the first two digits that no office of the United States assigns.
var unassigned = setOf(`00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97`)

func american(text string) (string, bool) {
	text = clean(text, "")
	return strings.ReplaceAll(text, "-", ""), ein.MatchString(text) && !unassigned[text[:2]]
}
