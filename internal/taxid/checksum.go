package taxid

import (
	"strconv"
	"strings"
	"time"
)

// isDigits reports whether a text consists of n digits.
func isDigits(text string, n int) bool { return len(text) == n && onlyDigits(text) }

func onlyDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// number converts digits. It returns 0 if the text is not a number.
func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

func digit(text string, i int) int { return int(text[i] - '0') }

// weighted returns the sum of the digits, each multiplied by its weight.
func weighted(digits string, weights ...int) (sum int) {
	for i := range min(len(digits), len(weights)) {
		sum += weights[i] * digit(digits, i)
	}
	return sum
}

// luhn reports whether the last digit is the check digit of the Luhn algorithm (ISO/IEC 7812-1) for the alphabet.
func luhn(text, alphabet string) bool { return luhnSum(text, alphabet) == 0 }

func luhnSum(text, alphabet string) (sum int) {
	for i := range len(text) {
		n := strings.IndexByte(alphabet, text[len(text)-1-i])
		if i%2 == 1 {
			n = n*2/len(alphabet) + n*2%len(alphabet)
		}
		sum += n
	}
	return sum % len(alphabet)
}

const digits = "0123456789"

// mod11and10 reports whether the last digit is the check digit of ISO/IEC 7064, MOD 11,10.
func mod11and10(text string) bool {
	check := 5
	for i := range len(text) {
		if check == 0 {
			check = 10
		}
		check = (check*2%11 + digit(text, i)) % 10
	}
	return check == 1
}

// mod97 returns the remainder of a number in which each letter stands for the two digits of its place in the alphabet plus 10.
func mod97(text string) (rest int) {
	for i := range len(text) {
		if c := text[i]; c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}

// isDate reports whether a day exists.
func isDate(year, month, day int) bool {
	d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return year >= 1 && d.Month() == time.Month(month) && d.Day() == day
}
