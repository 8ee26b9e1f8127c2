package token

import (
	"fmt"
	"log/slog"
	"strings"
)

// Code is a login code: a short secret that a customer reads in a mail and types in.
type Code struct{ text string }

// CodeAlphabet holds the characters that a login code can have. New codes have the characters of an [Alphabet].
const CodeAlphabet = string(PolarAlphabet)

// Alphabet is the set of characters of new login codes.
type Alphabet string

const (
	// ClearAlphabet has 31 characters. It leaves out those that look alike: O and 0, and I, L and 1.
	ClearAlphabet Alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
	// PolarAlphabet has the 36 characters of Polar's codes.
	PolarAlphabet Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// The length of a login code, in characters: the minimum, the default and the maximum. Eight characters of [ClearAlphabet] hold 39
// bits, and six of [PolarAlphabet] 31 bits.
const (
	MinCode     = 6
	DefaultCode = 8
	MaxCode     = 32
)

// MintCode returns a random code. The length must be from [MinCode] to [MaxCode].
func MintCode(from Alphabet, length int) Code {
	return Code{string(appendRandom(nil, string(from), length))}
}

// CheckCode parses a code from a request. It reports false if the length or a character is not allowed.
func CheckCode(text string) (Code, bool) {
	if len(text) < MinCode || len(text) > MaxCode || strings.Trim(text, CodeAlphabet) != "" {
		return Code{}, false
	}
	return Code{text}, true
}

// Reveal returns the code itself. Only the mail to the customer may contain it.
func (c Code) Reveal() string { return c.text }

// String hides the code, so that a log cannot contain it by accident.
func (c Code) String() string { return fmt.Sprintf("code of %d characters", len(c.text)) }

// GoString hides the code from %#v.
func (c Code) GoString() string { return c.String() }

// LogValue hides the code from slog.
func (c Code) LogValue() slog.Value { return slog.StringValue(c.String()) }

// CodeHashes returns the code's hash under every secret. New codes are stored under the first hash. A code that was stored
// before a rotation of the secrets may have one of the other hashes.
func (s *Secrets) CodeHashes(c Code) []Hash {
	hashes := make([]Hash, len(s.list))
	for i, secret := range s.list {
		hashes[i] = secret.hash("code:" + c.text) // no token has this prefix
	}
	return hashes
}
