package token

import "encoding/binary"

// Derive returns a token whose secret part is derived from the text and the first secret. The same secret, kind, key and text
// always give the same token.
func (s *Secrets) Derive(kind Kind, key Key, text string) Token {
	return s.list[0].derive(kind, key, text)
}

// DeriveAgain is like [Secrets.Derive] with the secret of the given id. It reports false if that secret is not active.
func (s *Secrets) DeriveAgain(id SecretID, kind Kind, key Key, text string) (Token, bool) {
	secret := s.find(id)
	if secret == nil {
		return Token{}, false
	}
	return secret.derive(kind, key, text), true
}

func (s *secret) derive(kind Kind, key Key, text string) Token {
	var body [randomLen]byte
	digits := body[:0]
	for round := byte(0); len(digits) < randomLen; round++ {
		sum := s.sum("derived token", string(binary.BigEndian.AppendUint64([]byte{round}, uint64(key)))+string(kind)+text)
		for _, b := range sum {
			if b < 248 && len(digits) < randomLen { // bytes from 248 on would favor the first digits
				digits = append(digits, alphabet[b%62])
			}
		}
	}
	return assemble(kind, key, digits)
}
