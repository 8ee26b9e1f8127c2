package server

import "github.com/postern-go/postern/internal/login"

// answerAsPolar replaces each default that changes an answer that Polar gives. A field that is set keeps its value. The table
// "Strict mode" in docs/compatibility.md has a row for each statement.
func (c *Config) answerAsPolar() {
	if c.Login.Disclosure == "" {
		c.Login.Disclosure = login.BeforeProof
	}
	c.Quotas.polar = true
}
