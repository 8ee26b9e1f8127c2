package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Seal encrypts another token so that only a holder of t can read it, with AES-256-GCM under a key derived from t
// (HKDF-SHA256, RFC 5869). A store may keep the result next to the hash of t.
func (t Token) Seal(inner Token) []byte {
	return t.sealer().Seal(nil, nil, []byte(inner.text), nil)
}

// Open returns the token that [Token.Seal] encrypted, or fault.InvalidToken if it was sealed under another token.
func (t Token) Open(sealed []byte) (Token, error) {
	text, err := t.sealer().Open(nil, nil, sealed, nil)
	if err != nil {
		return Token{}, errMalformed.Because(err)
	}
	return Check(string(text))
}

func (t Token) sealer() cipher.AEAD {
	key, err := hkdf.Key(sha256.New, []byte(t.text), nil, "postern: a token sealed under another", sha256.Size)
	if err != nil {
		panic(err) // fails only for a longer key
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // fails for no key of 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // fails for no AES cipher
	}
	return aead
}
