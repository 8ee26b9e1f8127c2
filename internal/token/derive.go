package token

import "encoding/binary"

// Derive makes a token of the kind that has the key, whose secret part follows from the text: whoever has the secret that
// signs derives the same one again, and nobody else does.
func (s *Secrets) Derive(kind Kind, key Key, text string) Token {
	return s.list[0].derive(kind, key, text)
}

// DeriveAgain is [Secrets.Derive] under the secret of that name; false when it is not active any more.
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
			if b < 248 && len(digits) < randomLen { // a byte of 248 or more would favour the first digits
				digits = append(digits, alphabet[b%62])
			}
		}
	}
	return assemble(kind, key, digits)
}
