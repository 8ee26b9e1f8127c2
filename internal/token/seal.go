package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
)

// Seal encrypts another token so that only a holder of t can read it, with AES-256-GCM under a key derived from t
// (HKDF-SHA256, RFC 5869). A store may keep the result next to the hash of t. [Token.Open] needs the same purpose, which can be any
// text and is not part of the result.
func (t Token) Seal(inner Token, purpose string) []byte {
	// #nosec G407 -- The AEAD chooses a random nonce.
	return t.sealer().Seal(nil, nil, []byte(inner.text), []byte(purpose))
}

// Open returns the token that [Token.Seal] encrypted, or fault.InvalidToken if it was sealed under another token or for another
// purpose.
func (t Token) Open(sealed []byte, purpose string) (Token, error) {
	text, err := t.sealer().Open(nil, nil, sealed, []byte(purpose))
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
	return gcm(key)
}

// Seal encrypts data with AES-256-GCM under a key derived from the text and the signing secret. It also returns the id of that secret.
func (s *Secrets) Seal(text string, data []byte) ([]byte, SecretID) {
	first := s.list[0]
	key := first.sum("sealed data", text)
	// #nosec G407 -- The AEAD chooses a random nonce.
	return gcm(key[:]).Seal(nil, nil, data, nil), first.id
}

// Open returns the data that [Secrets.Seal] encrypted with the same text and the secret of that id. It reports false if the text is
// different or the secret is not active.
func (s *Secrets) Open(id SecretID, text string, sealed []byte) ([]byte, bool) {
	secret := s.find(id)
	if secret == nil {
		return nil, false
	}
	key := secret.sum("sealed data", text)
	data, err := gcm(key[:]).Open(nil, nil, sealed, nil)
	return data, err == nil
}

// gcm returns AES-GCM with a key of 32 bytes and random nonces.
func gcm(key []byte) cipher.AEAD {
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
