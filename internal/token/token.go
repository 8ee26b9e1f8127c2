// Package token mints, checks and hashes tokens, login codes and ids.
//
// A token looks like one of Polar's: a prefix for its kind, 37 characters of [0-9A-Za-z], and 6 more characters with the
// CRC-32 of the 37. The 37 characters begin with the token's key, which is the primary key of its row:
//
//	polar_mst_ 00Fq3m8ZkLw QpZ0c7…26 characters…x9 2sN54l
//	└ kind ──┘ └ key ────┘ └ 154 bits of randomness ┘ └ checksum
//
// The key is public and grants nothing. The server verifies a token in three steps:
//
//	t, err := token.Check(text)             // prefix, length, checksum; does not read the store
//	row, found := store.Session(t.Key())    // one lookup by integer
//	secrets.Verify(t, row.Secret, row.Hash) // constant time
//
// The store contains only the [Hash] of a token, and a [Token] never prints its text.
package token

import (
	"crypto/rand"
	"hash/crc32"
	"log/slog"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// Kind is what a token grants. Its text is the token's prefix.
type Kind string

// The kinds of tokens that Postern mints.
const (
	// Customer tokens open the portal for a customer.
	Customer Kind = "polar_cst_"
	// Member tokens open the portal for a member of a customer.
	Member Kind = "polar_mst_"
	// Organization tokens give an organization's own servers access to the API.
	Organization Kind = "polar_oat_"
	// EmailChange tokens confirm a new email address and grant nothing else.
	EmailChange Kind = "polar_cev_"
	// Ticket tokens can be exchanged for the token of a session, once. They grant nothing else.
	Ticket Kind = "polar_cpt_"
	// Operator tokens are in the cookie of an operator who has signed in to the operator pages.
	Operator Kind = "polar_ops_"
)

const (
	prefixLen   = 10
	keyLen      = 11
	randomLen   = 26
	bodyLen     = keyLen + randomLen
	checksumLen = 6
	// Len is the length of every token, in bytes.
	Len = prefixLen + bodyLen + checksumLen
)

// Token is a well-formed token: [Mint] returned it, or [Check] accepted it. A well-formed token does not necessarily belong to
// a session.
type Token struct {
	kind Kind
	key  Key
	text string
}

// Mint returns a random token of the kind, with the key of the row that will store its hash.
func Mint(kind Kind, key Key) Token {
	return assemble(kind, key, appendRandom(nil, alphabet, randomLen))
}

// assemble returns the token with the kind, the key and the secret part.
func assemble(kind Kind, key Key, secret []byte) Token {
	b := make([]byte, 0, Len)
	b = append(b, kind...)
	b = appendBase62(b, uint64(key), keyLen)
	b = append(b, secret...)
	b = appendBase62(b, uint64(checksum(string(b[prefixLen:]))), checksumLen)
	return Token{kind: kind, key: key, text: string(b)}
}

// errMalformed contains no detail, because callers must not learn what is wrong with a token.
var errMalformed = fault.New(fault.InvalidToken, "The token is not well-formed.")

// Check parses a token from a request. It checks prefix, length, alphabet and checksum, and returns fault.InvalidToken if one
// of them is wrong. It does not allocate and does not read the store.
func Check(text string) (Token, error) {
	if len(text) != Len {
		return Token{}, errMalformed
	}
	kind, ok := kindOf(text[:prefixLen])
	if !ok {
		return Token{}, errMalformed
	}
	body, sum := text[prefixLen:prefixLen+bodyLen], text[prefixLen+bodyLen:]
	want, ok := parseBase62(sum)
	if !ok || want != uint64(checksum(body)) {
		return Token{}, errMalformed
	}
	key, ok := parseBase62(body[:keyLen])
	if !ok || key > maxKey || !isBase62(body[keyLen:]) {
		return Token{}, errMalformed
	}
	return Token{kind: kind, key: Key(key), text: text}, nil
}

func kindOf(prefix string) (Kind, bool) {
	switch Kind(prefix) {
	case Customer:
		return Customer, true
	case Member:
		return Member, true
	case Organization:
		return Organization, true
	case EmailChange:
		return EmailChange, true
	case Ticket:
		return Ticket, true
	case Operator:
		return Operator, true
	}
	return "", false
}

// checksum is crc32.ChecksumIEEE for a string. The standard function would allocate a copy of the string.
func checksum(body string) uint32 {
	sum := ^uint32(0)
	for i := range len(body) {
		sum = crc32.IEEETable[byte(sum)^body[i]] ^ sum>>8
	}
	return ^sum
}

// Kind returns the kind of the token.
func (t Token) Kind() Kind { return t.kind }

// Key returns the primary key of the token's row. It is not secret.
func (t Token) Key() Key { return t.key }

// Reveal returns the text of the token. Only the answer or mail to its holder may contain it.
func (t Token) Reveal() string { return t.text }

// String returns the token's kind, so that a log cannot contain the token by accident.
func (t Token) String() string { return string(t.kind) + "…" }

// GoString hides the token from %#v.
func (t Token) GoString() string { return t.String() }

// LogValue hides the token from slog.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// digits maps each byte to its base62 value. 0xFF marks bytes that are not digits.
var digits = func() (d [256]byte) {
	for i := range d {
		d[i] = 0xFF
		if at := strings.IndexByte(alphabet, byte(i)); at >= 0 {
			d[i] = byte(at)
		}
	}
	return d
}()

// appendBase62 appends n in exactly width digits, padded with leading zeros, so that text order equals number order.
func appendBase62(b []byte, n uint64, width int) []byte {
	start := len(b)
	for range width {
		b = append(b, '0')
	}
	for i := len(b) - 1; i >= start; i-- {
		b[i] = alphabet[n%62]
		n /= 62
	}
	return b
}

// parseBase62 returns the number of a base62 text. It reports false if a byte is not a digit or the number needs more than 64
// bits.
func parseBase62(s string) (uint64, bool) {
	var n uint64
	for i := range len(s) {
		d := uint64(digits[s[i]])
		if d == 0xFF || n > (1<<64-1-d)/62 {
			return 0, false
		}
		n = n*62 + d
	}
	return n, true
}

func isBase62(s string) bool {
	for i := range len(s) {
		if digits[s[i]] == 0xFF {
			return false
		}
	}
	return true
}

// appendRandom appends n random characters of an alphabet of at most 256 characters. It skips random bytes at the upper end of
// the range, because they would make the first characters of the alphabet more frequent.
func appendRandom(b []byte, alphabet string, n int) []byte {
	var pool [64]byte
	limit := 256 - 256%len(alphabet)
	for n > 0 {
		rand.Read(pool[:]) // crypto/rand ends the program instead of failing
		for _, r := range pool {
			if int(r) < limit && n > 0 {
				b = append(b, alphabet[int(r)%len(alphabet)])
				n--
			}
		}
	}
	return b
}
