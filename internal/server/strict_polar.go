package server

import (
	"time"

	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/token"
)

// answerAsPolar replaces each default that changes an answer that Polar gives. A field that is set keeps its value. The table
// "Strict mode" in docs/compatibility.md has a row for each statement.
func (c *Config) answerAsPolar() {
	if c.Login.Disclosure == "" {
		c.Login.Disclosure = login.BeforeProof
	}
	c.Quotas.polar, c.noEntrance = true, true
	if c.Login.Lifetime == 0 {
		c.Login.Lifetime = 30 * time.Minute
	}
	if c.Login.Length == 0 {
		c.Login.Length = token.MinCode
	}
	if c.Login.Alphabet == "" {
		c.Login.Alphabet = token.PolarAlphabet
	}
	if c.Login.MaxLive == 0 {
		c.Login.MaxLive = -1
	}
	c.Login.Exact, c.Login.KeepSiblings, c.Login.EnterPending = true, true, true
	c.Directory.WithoutProof, c.Directory.LongLocalParts = true, true
}
