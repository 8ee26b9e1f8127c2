// Package token mints, checks and hashes the secrets that Postern hands out.
//
// A token reads like one of Polar's: a prefix that names its kind, 37 characters of [0-9A-Za-z], and 6 more
// that are their CRC-32. Whoever looks closer finds that the 37 begin with the token's key, the number
// under which its row is stored:
//
//	polar_mst_ 00Fq3m8ZkLw QpZ0c7…26 characters…x9 2sN54l
//	└ kind ──┘ └ key ────┘ └ 154 bits of randomness ┘ └ checksum
//
// The key is public and opens nothing. So the way of a token through the server is
//
//	t, err := token.Check(text)             // prefix, length, checksum: no store is asked
//	row, found := store.Session(t.Key())    // one look-up by integer
//	secrets.Verify(t, row.Secret, row.Hash) // constant time
//
// Only the [Hash] of a token is ever stored, and a [Token] never prints itself.
package token

import (
	"crypto/rand"
	"hash/crc32"
	"log/slog"
	"strings"

	"github.com/postern-go/postern/internal/fault"
)

// Kind is what a token opens. Its text is the token's prefix.
type Kind string

// The kinds of tokens that Postern mints.
const (
	// Customer opens the portal as a customer.
	Customer Kind = "polar_cst_"
	// Member opens the portal as a member of a customer.
	Member Kind = "polar_mst_"
	// Organization opens the API for an organization's own servers.
	Organization Kind = "polar_oat_"
	// EmailChange proves that its holder reads a new email address. It opens nothing else.
	EmailChange Kind = "polar_cev_"
	// Ticket is exchanged for the token of a session, once. It opens nothing by itself.
	Ticket Kind = "polar_cpt_"
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

// Token is a well-formed token: one that was minted here, or that [Check] let through. It is not yet a live one.
type Token struct {
	kind Kind
	key  Key
	text string
}

// Mint makes a token of the kind whose row will be stored under key.
func Mint(kind Kind, key Key) Token {
	return assemble(kind, key, appendRandom(nil, alphabet, randomLen))
}

// assemble puts a token together from its key and its secret part.
func assemble(kind Kind, key Key, secret []byte) Token {
	b := make([]byte, 0, Len)
	b = append(b, kind...)
	b = appendBase62(b, uint64(key), keyLen)
	b = append(b, secret...)
	b = appendBase62(b, uint64(checksum(string(b[prefixLen:]))), checksumLen)
	return Token{kind: kind, key: key, text: string(b)}
}

// errMalformed says nothing more on purpose: what is wrong with a token is not its holder's business.
var errMalformed = fault.New(fault.InvalidToken, "The token is not well-formed.")

// Check reads a token that came from outside. It looks at prefix, length, alphabet and checksum and at nothing else;
// whatever fails is fault.InvalidToken. It does not allocate.
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
	}
	return "", false
}

// checksum is crc32.ChecksumIEEE of a string: the package's own takes bytes alone, and would allocate them.
func checksum(body string) uint32 {
	sum := ^uint32(0)
	for i := range len(body) {
		sum = crc32.IEEETable[byte(sum)^body[i]] ^ sum>>8
	}
	return ^sum
}

// Kind says what the token opens.
func (t Token) Kind() Kind { return t.kind }

// Key is the number under which the token's row is stored. It may be shown to anybody.
func (t Token) Key() Key { return t.key }

// Reveal returns the token itself. Call it where the token is handed to its holder, and nowhere else.
func (t Token) Reveal() string { return t.text }

// String names the token by its kind alone, so that no log can hold it by accident.
func (t Token) String() string { return string(t.kind) + "…" }

// GoString is [Token.String], for %#v.
func (t Token) GoString() string { return t.String() }

// LogValue is [Token.String], for slog.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// digits gives each byte its base62 value; 0xFF is not a digit.
var digits = func() (d [256]byte) {
	for i := range d {
		d[i] = 0xFF
		if at := strings.IndexByte(alphabet, byte(i)); at >= 0 {
			d[i] = byte(at)
		}
	}
	return d
}()

// appendBase62 appends n in exactly width digits, padded with zeros on the left, so that text order is number order.
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

// parseBase62 reports false for a foreign digit. Eleven digits may overflow 64 bits: 62^11 is 2.8 times 2^64.
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

// appendRandom appends n random characters of an alphabet, which has at most 256. It skips random bytes at the upper end of
// the range, which would favor the first characters of the alphabet.
func appendRandom(b []byte, alphabet string, n int) []byte {
	var pool [64]byte
	limit := 256 - 256%len(alphabet)
	for n > 0 {
		rand.Read(pool[:]) // never fails: crypto/rand ends the program instead
		for _, r := range pool {
			if int(r) < limit && n > 0 {
				b = append(b, alphabet[int(r)%len(alphabet)])
				n--
			}
		}
	}
	return b
}
