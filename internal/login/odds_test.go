package login_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/rate"
	"github.com/postern-go/postern/internal/token"
)

// attacker guesses login codes as often as the limits allow.
type attacker struct {
	name string
	// perDay is the number of wrong codes in a day, and each of them can hit codes of the live ones. An attacker with several
	// budgets has several pairs.
	perDay, codes []int
}

const liveCodes = 1000

// attackers returns the attackers of docs/security.md under the default limits.
func attackers() []attacker {
	limits := rate.Production()
	day := func(b rate.Bucket) int { return limits.Of(b).PerDay() }
	one := func(name string, perDay, codes int) attacker { return attacker{name, []int{perDay}, []int{codes}} }
	// If an attacker asked for a code for each address that has live codes, the budget of each address can only hit the codes of
	// this address. All budgets together are then as good as one budget against all codes, however many addresses have them.
	proven := day(rate.CodeAddress)
	server := day(rate.CodeServer)
	merchant := min(day(rate.LoginOrganization), day(rate.CodeOrganization))
	return []attacker{
		one("one IPv4 address, or one IPv6 /64", day(rate.Login), liveCodes),
		one("one address with any number of session tokens of one or many tenants", day(rate.Login), liveCodes),
		one("an IPv4 /24", day(rate.LoginIPv4Net), liveCodes),
		one("an IPv6 /56", day(rate.LoginIPv6Net56), liveCodes),
		one("an IPv6 /48", day(rate.LoginIPv6Net48), liveCodes),
		one("a botnet of any number of addresses, codes that others asked for", server, liveCodes),
		one("a botnet, codes that the attacker asked for in a browser (tries for each customer's address)", proven, liveCodes),
		{"both at once", []int{server, proven}, []int{liveCodes, liveCodes}},
		one("an organization's access tokens, codes of this organization", merchant, liveCodes),
		one("an organization's access tokens, codes of other organizations", merchant, 0),
	}
}

// expected returns the expected number of hits in a day against codes of a number of possible texts.
func (a attacker) expected(possible float64) (hits float64) {
	for i := range a.perDay {
		hits += float64(a.perDay[i]) * float64(a.codes[i]) / possible
	}
	return hits
}

func (a attacker) tries() (n int) {
	for _, perDay := range a.perDay {
		n += perDay
	}
	return n
}

func possible(from token.Alphabet, length int) float64 {
	return math.Pow(float64(len(from)), float64(length))
}

// The default limits leave each attacker less than one hit in 100 days, and docs/security.md has the computed table.
func TestCodesCannotBeGuessed(t *testing.T) {
	defaults, polar := possible(token.ClearAlphabet, token.DefaultCode), possible(token.PolarAlphabet, token.MinCode)
	table := "| attacker | wrong codes a day | expected hits a day | with `--strict-polar` |\n|---|---|---|---|\n"
	for _, a := range attackers() {
		hits := a.expected(defaults)
		if hits >= 0.01 || a.tries() == 0 {
			t.Errorf("%s: %d tries, %.4f expected hits a day", a.name, a.tries(), hits)
		}
		table += fmt.Sprintf("| %s | %d | %s | %s |\n", a.name, a.tries(), odds(hits), odds(a.expected(polar)))
	}
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), table) {
		t.Errorf("docs/security.md does not have the table:\n%s", table)
	}
	if login.DefaultMaxLive != 3 || !strings.Contains(string(text), "at most three live codes") {
		t.Error("docs/security.md has another number of live codes")
	}
}

func odds(hits float64) string {
	if hits == 0 {
		return "0"
	}
	return fmt.Sprintf("%.7f", hits)
}
