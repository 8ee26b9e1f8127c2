package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"log/slog"
	"strconv"
	"sync"
)

// Hash is the HMAC-SHA256 of a whole token. The store keeps the hash, never the token.
type Hash [sha256.Size]byte

// SecretID identifies a secret without revealing it. Each row stores the id of the secret that hashed its token.
type SecretID uint32

// String returns the id in eight hexadecimal digits, as commands print and accept it.
func (id SecretID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// ParseSecretID parses eight hexadecimal digits. It reports false for any other text.
func ParseSecretID(text string) (SecretID, bool) {
	n, err := strconv.ParseUint(text, 16, 32)
	return SecretID(n), err == nil && len(text) == 8
}

// Secrets are the HMAC keys of the server. The first secret signs new tokens. All secrets verify tokens, so that operators can
// rotate a secret without ending sessions. Secrets is safe for concurrent use.
type Secrets struct {
	list []*secret
}

// minSecret is the minimum length of a secret, in bytes. RFC 2104, section 3, requires the length of the hash.
const minSecret = sha256.Size

// NewSecret returns a random secret: 43 characters with 256 random bits.
func NewSecret() string {
	var b [sha256.Size]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// NewSecrets returns the secrets with the given texts; the first secret signs. It returns an error if the list is empty, if a
// secret is shorter than 32 bytes, or if a secret occurs twice.
func NewSecrets(texts ...string) (*Secrets, error) {
	if len(texts) == 0 {
		return nil, fmt.Errorf("no secret is set")
	}
	s := &Secrets{}
	for i, text := range texts {
		if len(text) < minSecret {
			return nil, fmt.Errorf("secret %d has %d bytes; it needs at least %d", i+1, len(text), minSecret)
		}
		next := newSecret([]byte(text))
		if s.find(next.id) != nil {
			return nil, fmt.Errorf("secret %d is a duplicate", i+1)
		}
		s.list = append(s.list, next)
	}
	return s, nil
}

// Hash returns the token's hash under the signing secret, and the id of that secret.
func (s *Secrets) Hash(t Token) (Hash, SecretID) {
	first := s.list[0]
	return first.hash(t.text), first.id
}

// Verify reports whether the token has the hash under the secret with the id. It compares in constant time, does not
// allocate, and reports false if the secret is not active.
func (s *Secrets) Verify(t Token, id SecretID, want Hash) bool {
	secret := s.find(id)
	if secret == nil {
		return false
	}
	got := secret.hash(t.text)
	return hmac.Equal(got[:], want[:])
}

// Active reports whether the secret with the id is in use for signing or verifying.
func (s *Secrets) Active(id SecretID) bool { return s.find(id) != nil }

// IDs returns the ids of the secrets, with the signing secret first.
func (s *Secrets) IDs() []SecretID {
	ids := make([]SecretID, len(s.list))
	for i, secret := range s.list {
		ids[i] = secret.id
	}
	return ids
}

// Sum returns the HMAC of a text under the signing secret. Different purposes give different sums for the same text.
func (s *Secrets) Sum(purpose, text string) Hash { return s.list[0].sum(purpose, text) }

// Sums returns the result of [Secrets.Sum] under every secret, with the signing secret first.
func (s *Secrets) Sums(purpose, text string) []Hash {
	sums := make([]Hash, len(s.list))
	for i, secret := range s.list {
		sums[i] = secret.sum(purpose, text)
	}
	return sums
}

// String returns the number of secrets, so that a log cannot contain a secret by accident.
func (s *Secrets) String() string { return fmt.Sprintf("%d secrets", len(s.list)) }

// GoString hides the secrets from %#v.
func (s *Secrets) GoString() string { return s.String() }

// LogValue hides the secrets from slog.
func (s *Secrets) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s *Secrets) find(id SecretID) *secret {
	for _, secret := range s.list {
		if secret.id == id {
			return secret
		}
	}
	return nil
}

// secret pools keyed HMAC states, because creating a state costs four times as much as using it.
type secret struct {
	id   SecretID
	key  []byte
	pool sync.Pool
}

// sum returns the HMAC of a text. Unlike hash, it accepts texts of any length, and is slower.
func (s *secret) sum(purpose, text string) (out Hash) {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose + "\x00" + text))
	mac.Sum(out[:0])
	return out
}

type keyed struct {
	mac hash.Hash
	in  [Len]byte
	out Hash
}

func newSecret(key []byte) *secret {
	s := &secret{key: key}
	s.pool.New = func() any { return &keyed{mac: hmac.New(sha256.New, key)} }
	name := s.hash("postern: the name of this secret")
	s.id = SecretID(binary.BigEndian.Uint32(name[:]))
	return s
}

func (s *secret) hash(text string) Hash {
	k := s.pool.Get().(*keyed)
	k.mac.Reset()
	k.mac.Write(k.in[:copy(k.in[:], text)])
	k.mac.Sum(k.out[:0])
	out := k.out
	s.pool.Put(k)
	return out
}
