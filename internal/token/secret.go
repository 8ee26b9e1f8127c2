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

// Hash is the HMAC-SHA256 of a whole token: all that a store knows of it.
type Hash [sha256.Size]byte

// SecretID names a secret without telling it. A row remembers which one hashed its token.
type SecretID uint32

// String is the name in eight hexadecimal digits, as operators read and type it.
func (id SecretID) String() string { return fmt.Sprintf("%08x", uint32(id)) }

// ParseSecretID reads [SecretID.String]; false for anything else.
func ParseSecretID(text string) (SecretID, bool) {
	n, err := strconv.ParseUint(text, 16, 32)
	return SecretID(n), err == nil && len(text) == 8
}

// Secrets are the keys of the HMAC. The first one signs; all of them verify, so that a secret can be replaced
// without anybody being logged out. Safe for concurrent use.
type Secrets struct {
	list []*secret
}

// minSecret is the shortest secret that is taken, in bytes: as long as the hash, as RFC 2104 section 3 asks.
const minSecret = sha256.Size

// NewSecret makes the text of a secret: 43 characters that hold 256 random bits.
func NewSecret() string {
	var b [sha256.Size]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// NewSecrets takes the secrets as text, the one that signs first. It refuses an empty list, a secret shorter than
// 32 bytes, and the same secret twice.
func NewSecrets(texts ...string) (*Secrets, error) {
	if len(texts) == 0 {
		return nil, fmt.Errorf("no secret is set")
	}
	s := &Secrets{}
	for i, text := range texts {
		if len(text) < minSecret {
			return nil, fmt.Errorf("secret %d is %d bytes long: a secret needs at least %d", i+1, len(text), minSecret)
		}
		next := newSecret([]byte(text))
		if s.find(next.id) != nil {
			return nil, fmt.Errorf("secret %d is there twice", i+1)
		}
		s.list = append(s.list, next)
	}
	return s, nil
}

// Hash returns the token's hash under the secret that signs, and that secret's name.
func (s *Secrets) Hash(t Token) (Hash, SecretID) {
	first := s.list[0]
	return first.hash(t.text), first.id
}

// Verify reports whether the token has the hash under the secret of that name, in constant time; false when the
// secret is not active. It does not allocate.
func (s *Secrets) Verify(t Token, id SecretID, want Hash) bool {
	secret := s.find(id)
	if secret == nil {
		return false
	}
	got := secret.hash(t.text)
	return hmac.Equal(got[:], want[:])
}

// Active reports whether the secret of that name verifies.
func (s *Secrets) Active(id SecretID) bool { return s.find(id) != nil }

// IDs are the names of the secrets, that of the one that signs first.
func (s *Secrets) IDs() []SecretID {
	ids := make([]SecretID, len(s.list))
	for i, secret := range s.list {
		ids[i] = secret.id
	}
	return ids
}

// Sum is the HMAC of a text under the secret that signs; the purpose keeps those of one use apart from those of another.
func (s *Secrets) Sum(purpose, text string) Hash { return s.list[0].sum(purpose, text) }

// Sums are [Secrets.Sum] under each secret, the one that signs first.
func (s *Secrets) Sums(purpose, text string) []Hash {
	sums := make([]Hash, len(s.list))
	for i, secret := range s.list {
		sums[i] = secret.sum(purpose, text)
	}
	return sums
}

// String tells how many secrets there are.
func (s *Secrets) String() string { return fmt.Sprintf("%d secrets", len(s.list)) }

// GoString is [Secrets.String], for %#v.
func (s *Secrets) GoString() string { return s.String() }

// LogValue is [Secrets.String], for slog.
func (s *Secrets) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s *Secrets) find(id SecretID) *secret {
	for _, secret := range s.list {
		if secret.id == id {
			return secret
		}
	}
	return nil
}

// secret keeps keyed hashes at hand: starting one costs four times as much as using it.
type secret struct {
	id   SecretID
	key  []byte
	pool sync.Pool
}

// sum is for texts of any length, and slower than hash.
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
