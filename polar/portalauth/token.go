package portalauth

import (
	"hash/crc32"
	"strings"

	"github.com/postern-go/postern/polar"
)

// A session token consists of a prefix of 10 characters, a body of 37 characters from [0-9A-Za-z], and the CRC-32 of
// the body in 6 characters. On a Postern server, the first 11 characters of the body are the session's key, a number of
// 63 bits that is also part of the session's ID.
const (
	prefixLen = 10
	bodyLen   = 37
	keyLen    = 11
	tokenLen  = prefixLen + bodyLen + 6
)

// wellFormed reports whether a text has the form of a session token. Other texts are refused without asking the server.
func wellFormed(token string) bool {
	if len(token) != tokenLen || !hasSessionPrefix(token) {
		return false
	}
	_, ok := base62(token[prefixLen : prefixLen+bodyLen]) // only checks the alphabet
	sum, sumOK := base62(token[prefixLen+bodyLen:])
	return ok && sumOK && sum == uint64(crc32.ChecksumIEEE([]byte(token[prefixLen:prefixLen+bodyLen])))
}

func hasSessionPrefix(token string) bool {
	return strings.HasPrefix(token, polar.MemberSessionPrefix) || strings.HasPrefix(token, polar.CustomerSessionPrefix)
}

// sessionKey returns the key in a well-formed token. In a token of Polar, the number has no meaning.
func sessionKey(token string) uint64 {
	key, _ := base62(token[prefixLen : prefixLen+keyLen])
	return key
}

// base62 decodes digits, upper-case letters, then lower-case letters. A number of more than 64 bits wraps around.
func base62(text string) (n uint64, ok bool) {
	for i := range len(text) {
		c := text[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'A' <= c && c <= 'Z':
			c -= 'A' - 10
		case 'a' <= c && c <= 'z':
			c -= 'a' - 36
		default:
			return 0, false
		}
		n = n*62 + uint64(c)
	}
	return n, true
}
