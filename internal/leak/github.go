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

// GitHub verifies the signatures of GitHub's secret scanning reports. It fetches GitHub's public keys before the first
// verification (https://docs.github.com/code-security/secret-scanning/secret-scanning-partnership-program). GitHub is safe for
// concurrent use.
type GitHub struct {
	fetch func(ctx context.Context) (keys, error)
	now   func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	keys   keys
	// fetchedAt is when the keys were last fetched, successfully or not. The zero time means never.
	fetchedAt time.Time
	failure   error
}

type keys map[string]*ecdsa.PublicKey

const (
	// refetchAfter is the minimum time between two fetches for unknown key ids. Without it, callers could cause any number of
	// fetches with invented ids.
	refetchAfter = time.Minute
	// keepFor is the maximum age of the keys. After that time, keys that GitHub has withdrawn are no longer accepted.
	keepFor = 24 * time.Hour
)

var (
	errUnknownKey   = fault.New(fault.UnknownKey, "Public key not found.")
	errBadSignature = fault.New(fault.BadSignature, "Invalid signature.")
	errNoKeys       = fault.New(fault.Unavailable, "GitHub's public keys are not available. Send the report again later.")
)

// NewGitHub returns a GitHub that reads keys from a file or an https URL, in the format of
// https://api.github.com/meta/public_keys/secret_scanning. It accepts plain http only for loopback addresses. It returns an
// error for a source that is neither a file nor such a URL.
func NewGitHub(source string, now func() time.Time) (*GitHub, error) {
	fetch, err := fetcher(source)
	return &GitHub{fetch: fetch, now: now}, err
}

// Verify checks that GitHub signed the body: ECDSA on P-256 with SHA-256, in base64. It returns fault.UnknownKey,
// fault.BadSignature, or fault.Unavailable if the keys cannot be fetched.
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

// look returns a key from memory. settled is false if fetching the keys again could change the result.
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
	age := g.now().Sub(g.fetchedAt)
	return key, age < refetchAfter || key != nil && age < keepFor, err
}

// refresh fetches the keys. If this fails, the known keys stay in use.
func (g *GitHub) refresh() {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	fresh, err := g.fetch(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fetchedAt, g.failure = g.now(), err
	if err == nil {
		g.keys = fresh
	}
}
