// Package idempotency makes creates repeatable. A client that does not know whether a request succeeded sends it again with the
// same Idempotency-Key, and gets the answer of the first request.
//
//	once := idempotency.New(secrets, idempotency.Request{…}, wireCustomer) // nil for a request without a key
//	customer, err := dir.CreateCustomer(ctx, org, directory.NewCustomer{…, Once: once})
//	answer, repeated, err := once.Answer(err)
//
// The service that creates the object passes [Once.Claim] to its store and reports the object with [Once.Made] before the
// transaction commits. The store writes the key and the answer in the transaction of the object. So either both exist or neither,
// and of concurrent requests with the same key, one creates the object and the others wait for it.
//
// Answers can contain secrets. They are encrypted under a key that is derived from a secret of the server, the client's key and the
// whole request. The store therefore cannot read them, and a different request with the same key cannot open them.
package idempotency

import (
	"errors"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/token"
)

// Lifetime is how long a key and its answer are stored.
const Lifetime = 24 * time.Hour

// Request is a request with an idempotency key.
type Request struct {
	// Scope is the key of the caller: an organization, or the holder of a session. Callers do not share keys.
	Scope token.Key
	// Route is the method and the path template. The same key can be used once for each route.
	Route string
	// Key is the client's key, and Text is what must be the same in a repeated request.
	Key, Text string
	// At is the time of the request.
	At time.Time
}

// Once is a create that happens once. T is the type of the created object. The methods of a nil Once do nothing; the create is then
// not repeatable.
type Once[T any] struct {
	secrets *token.Secrets
	text    string // what the key of the encryption is derived from
	wire    func(T) []byte
	claim   *Claim
}

// Claim is what a store writes in the transaction of a create.
type Claim struct {
	Scope token.Key
	// Names are the HMACs of the route and the client's key under each secret. The store writes the first; a create before a rotation of
	// the secrets may have written one of the others.
	Names []token.Hash
	// At is the time of the request. A claim is void from ExpiresAt on.
	At, ExpiresAt time.Time
	// Answer is the encrypted answer, set when the object is known. Secret is the id of the secret that it is encrypted with.
	Answer []byte
	Secret token.SecretID
}

// Repeated is the error of a write whose key was claimed before. It holds the stored answer.
type Repeated struct {
	Answer []byte
	Secret token.SecretID
}

func (*Repeated) Error() string { return "the idempotency key was used before" }

// New returns a create that happens once. wire returns the answer for the created object.
func New[T any](secrets *token.Secrets, r Request, wire func(T) []byte) *Once[T] {
	return &Once[T]{
		secrets: secrets, text: r.Route + "\n" + r.Key + "\n" + r.Text, wire: wire,
		claim: &Claim{Scope: r.Scope, Names: secrets.Sums("idempotency key", r.Route+"\n"+r.Key), At: r.At, ExpiresAt: r.At.Add(Lifetime)},
	}
}

// Made sets the answer. Call it before the transaction of the create commits. If it is called again, the last call counts.
func (o *Once[T]) Made(v T) {
	if o != nil {
		o.claim.Answer, o.claim.Secret = o.secrets.Seal(o.text, o.wire(v))
	}
}

var errKeyReused = fault.New(fault.Conflict, "The Idempotency-Key was already used for a different request. Send this request with a new key.")

// Answer returns the answer of the first request with the key if err is [Repeated], and otherwise false and err. It returns
// fault.Conflict if the first request was different.
func (o *Once[T]) Answer(err error) (answer []byte, repeated bool, _ error) {
	before, ok := errors.AsType[*Repeated](err)
	if !ok {
		return nil, false, err
	}
	answer, ok = o.secrets.Open(before.Secret, o.text, before.Answer)
	if !ok {
		return nil, false, errKeyReused
	}
	return answer, true, nil
}

// Claim returns what the store writes with the object. It is nil if the create is not repeatable.
func (o *Once[T]) Claim() *Claim {
	if o == nil {
		return nil
	}
	return o.claim
}
