package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Seal encrypts another token so that only whoever has t can read it: AES-256-GCM, under a key that is derived from the whole of
// t (HKDF-SHA256, RFC 5869). A store may keep it beside the hash of t. What is sealed under one token is sealed once.
func (t Token) Seal(inner Token) []byte {
	return t.sealer().Seal(nil, nil, []byte(inner.text), nil)
}

// Open returns the token that [Token.Seal] has sealed, or fault.InvalidToken when t is another one.
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
		panic(err) // only a key that is too long fails
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // a key of 32 bytes never fails
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES never fails
	}
	return aead
}
