package token

import (
	"crypto/rand"
	"fmt"
	"log/slog"
)

// Code is a short secret that a person reads in a mail and types in: capital letters and digits.
type Code struct{ text string }

// The lengths that a code may have, in characters. Six hold 31 bits.
const (
	MinCode = 6
	MaxCode = 32
)

const codeAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// MintCode makes a code of that many characters, which are at least [MinCode] and at most [MaxCode].
func MintCode(length int) Code {
	text := make([]byte, 0, length)
	var pool [64]byte
	for len(text) < length {
		rand.Read(pool[:])
		for _, r := range pool {
			if r < 252 && len(text) < length { // a byte of 252 or more would favour the first letters
				text = append(text, codeAlphabet[r%36])
			}
		}
	}
	return Code{string(text)}
}

// CheckCode reads a code that came from outside; it reports false for what no code can be.
func CheckCode(text string) (Code, bool) {
	if len(text) < MinCode || len(text) > MaxCode {
		return Code{}, false
	}
	for i := range len(text) {
		if c := text[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return Code{}, false
		}
	}
	return Code{text}, true
}

// Reveal returns the code itself. Call it where the code is mailed, and nowhere else.
func (c Code) Reveal() string { return c.text }

// String hides the code, so that no log can hold it by accident.
func (c Code) String() string { return fmt.Sprintf("code of %d characters", len(c.text)) }

// GoString is [Code.String], for %#v.
func (c Code) GoString() string { return c.String() }

// LogValue is [Code.String], for slog.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// CodeHashes returns the code's hash under every secret. A new code is stored under the first; an old one may be found
// under any of them.
func (s *Secrets) CodeHashes(c Code) []Hash {
	hashes := make([]Hash, len(s.list))
	for i, secret := range s.list {
		hashes[i] = secret.hash("code:" + c.text) // no token begins like this
	}
	return hashes
}
