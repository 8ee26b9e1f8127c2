package leak

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"golang.org/x/sync/singleflight"
)

// GitHub knows the keys with which GitHub signs its reports, and fetches them when they are first needed
// (https://docs.github.com/code-security/secret-scanning/secret-scanning-partnership-program). Safe for concurrent use.
type GitHub struct {
	fetch func(ctx context.Context) (keys, error)
	now   func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	keys   keys
	// asked is when the keys were last fetched, with failure or with none; zero for never.
	asked   time.Time
	failure error
}

type keys map[string]*ecdsa.PublicKey

const (
	// refetchAfter is how long it takes until the keys are fetched again for one that is not among them: its name is anybody's
	// to invent.
	refetchAfter = time.Minute
	// keepFor is how long keys are good for, so that one that GitHub has withdrawn does not stay for ever.
	keepFor = 24 * time.Hour
)

var (
	errUnknownKey   = fault.New(fault.UnknownKey, "Public key not found.")
	errBadSignature = fault.New(fault.BadSignature, "Invalid signature.")
	errNoKeys       = fault.New(fault.Unavailable, "The public keys of GitHub cannot be read now.")
)

// NewGitHub reads keys from a file, or from an https URL, as https://api.github.com/meta/public_keys/secret_scanning has them.
// Plain http is taken from this machine alone. now is the clock. What is no place for keys is an error that says why.
func NewGitHub(source string, now func() time.Time) (*GitHub, error) {
	fetch, err := fetcher(source)
	return &GitHub{fetch: fetch, now: now}, err
}

// Verify checks that GitHub signed exactly this body: ECDSA on P-256 over its SHA-256, in base64. It yields fault.UnknownKey,
// fault.BadSignature, or fault.Unavailable when no keys could be had.
func (g *GitHub) Verify(ctx context.Context, identifier, signature string, body []byte) error {
	key, err := g.key(ctx, identifier)
	if err != nil {
		return err
	}
	der, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return errBadSignature
	}
	if sum := sha256.Sum256(body); !ecdsa.VerifyASN1(key, sum[:], der) {
		return errBadSignature
	}
	return nil
}

func (g *GitHub) key(ctx context.Context, identifier string) (*ecdsa.PublicKey, error) {
	key, settled, err := g.look(identifier)
	if settled {
		return key, err
	}
	fetched := g.flight.DoChan("", func() (any, error) {
		g.refresh()
		return nil, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-fetched:
		key, _, err = g.look(identifier)
		return key, err
	}
}

// look finds a key among those that are known. It is not settled while it is worth fetching them again.
func (g *GitHub) look(identifier string) (key *ecdsa.PublicKey, settled bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key = g.keys[identifier]
	switch {
	case g.keys == nil:
		err = errNoKeys.Because(g.failure)
	case key == nil:
		err = errUnknownKey
	}
	age := g.now().Sub(g.asked)
	return key, age < refetchAfter || key != nil && age < keepFor, err
}

// refresh fetches the keys. When that fails, those that are known stay.
func (g *GitHub) refresh() {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	fresh, err := g.fetch(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked, g.failure = g.now(), err
	if err == nil {
		g.keys = fresh
	}
}
