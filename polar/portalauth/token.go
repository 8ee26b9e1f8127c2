package portalauth

import (
	"hash/crc32"
	"strings"

	"github.com/postern-go/postern/polar"
)

// A session's token is a prefix of 10 characters, 37 of [0-9A-Za-z], and the CRC-32 of those in 6 more. On a Postern, the 37
// begin with the session's key, a number of 63 bits in 11 characters, which the session's id holds as well.
const (
	prefixLen = 10
	bodyLen   = 37
	keyLen    = 11
	tokenLen  = prefixLen + bodyLen + 6
)

// wellFormed reports whether a text can be the token of a session. Whatever cannot is no business of the server's.
func wellFormed(token string) bool {
	if len(token) != tokenLen || !strings.HasPrefix(token, polar.MemberSessionPrefix) && !strings.HasPrefix(token, polar.CustomerSessionPrefix) {
		return false
	}
	_, ok := base62(token[prefixLen : prefixLen+bodyLen]) // only for its alphabet
	sum, sumOK := base62(token[prefixLen+bodyLen:])
	return ok && sumOK && sum == uint64(crc32.ChecksumIEEE([]byte(token[prefixLen:prefixLen+bodyLen])))
}

// sessionKey is the key in a well-formed token. One of Polar's has a number there too, which stands for nothing.
func sessionKey(token string) uint64 {
	key, _ := base62(token[prefixLen : prefixLen+keyLen])
	return key
}

// base62 reads digits, then capitals, then small letters. A number that is too large wraps around.
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
