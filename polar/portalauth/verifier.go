package portalauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/postern-go/postern/polar"
)

// Errors of [Verifier.Verify] and [Verifier.Require], for errors.Is. Verify also returns polar.ErrInvalidToken.
var (
	// ErrUnavailable means that a session could not be checked: the server could not be reached or gave an unexpected
	// response, or an option is invalid. errors.As finds the error of the client, if there is one.
	ErrUnavailable = errors.New("the session could not be checked")
	// ErrCrossOrigin means that a request with the session cookie, other than GET and HEAD, comes from a page of another
	// origin.
	ErrCrossOrigin = errors.New("the request comes from another origin")
)

var errInvalidToken = fmt.Errorf("portalauth: %w", polar.ErrInvalidToken)

// Verifier checks session tokens and caches the answers. Create one with [New] and share it: a Verifier is safe for
// concurrent use.
type Verifier struct {
	client  *polar.Client
	options Options
	// configErr describes an invalid option. Nil means that all options are valid.
	configErr   error
	crossOrigin *http.CrossOriginProtection
	isPolar     bool
	// organization is the ID of the access token's organization, once it is known.
	organization atomic.Pointer[string]

	// sessions contains live sessions. Invalid tokens have their own cache, so that a flood of them cannot evict live
	// sessions.
	sessions, invalidTokens *cache
	revocations             revocationLog

	startStream sync.Once
	streamCtx   context.Context // of the goroutine that follows the stream
	stopStream  context.CancelFunc
}

// New returns a verifier that asks the client's server. It does no I/O and starts no goroutine. When the verifier looks up the
// first token, it starts to follow the server's stream of revocations. [Verifier.Close] ends this.
func New(client *polar.Client, options Options) *Verifier {
	v := &Verifier{client: client, options: options, crossOrigin: http.NewCrossOriginProtection()}
	v.streamCtx, v.stopStream = context.WithCancel(context.Background())
	v.configErr = v.options.validate()
	for _, origin := range options.TrustedOrigins {
		v.configErr = errors.Join(v.configErr, v.crossOrigin.AddTrustedOrigin(origin))
	}
	if client == nil {
		v.configErr = errors.New("portalauth: the client is nil")
	}
	if v.configErr != nil {
		v.configErr = fmt.Errorf("%w: %w", ErrUnavailable, v.configErr)
		return v
	}
	v.isPolar = options.Polar || client.TargetsPolar()
	v.sessions, v.invalidTokens = newCache(v.options.MaxSessions), newCache(v.options.MaxSessions/8)
	return v
}

// Close stops following the stream of revocations. The verifier can still be used, but does not receive revocations any more: a
// revoked session is accepted until its entry in the cache expires.
func (v *Verifier) Close() { v.stopStream() }

// Verify returns the holder of the session that a token belongs to. The error is
//
//   - polar.ErrInvalidToken if the token does not belong to a live session of the accepted organization;
//   - [ErrUnavailable] if the session could not be checked or ctx has ended. Refuse access in this case.
//
// A cached answer takes about 200 nanoseconds and no allocation.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	e, err := v.verify(ctx, token)
	if err != nil {
		return Identity{}, err
	}
	return e.identity, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*entry, error) {
	if v.configErr != nil {
		v.observe(Event{Kind: EventUnavailable, Err: v.configErr})
		return nil, v.configErr
	}
	if len(token) != tokenLen {
		v.observe(Event{Kind: EventMalformed})
		return nil, errInvalidToken
	}
	d, now := digestOf(token), v.options.Now().UnixNano()
	if e := v.cached(v.sessions, d, now); e != nil {
		v.observe(Event{Kind: EventCacheHit})
		return e, nil
	}
	if !wellFormed(token) {
		v.observe(Event{Kind: EventMalformed})
		return nil, errInvalidToken
	}
	if v.cached(v.invalidTokens, d, now) != nil || v.revocations.sessionRevoked(token) {
		v.observe(Event{Kind: EventCachedInvalid})
		return nil, errInvalidToken
	}
	v.startStream.Do(func() { go v.followStream(v.streamCtx) })
	return v.lookup(ctx, token, d)
}

// cached returns an entry of the cache that may still be used, or nil if there is none.
func (v *Verifier) cached(c *cache, d digest, now int64) *entry {
	s := c.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[d]
	if e == nil || !v.isFresh(e, now, v.options.MaxStaleness) {
		return nil
	}
	e.usedAt = now
	return e
}

// isFresh reports whether an entry may be used because it is younger than age, has not expired and was not revoked. The
// caller holds the shard's lock.
func (v *Verifier) isFresh(e *entry, now int64, age time.Duration) bool {
	if now < e.fetchedAt || now-e.fetchedAt >= int64(age) || !e.invalid && now >= e.expiresAt {
		return false
	}
	count := v.revocations.count.Load()
	if count != e.revision {
		if v.revocations.check(e) != valid {
			return false
		}
		e.revision = count
	}
	return true
}

// observe passes an event to the caller's function. The function is nil only if the options are invalid.
func (v *Verifier) observe(e Event) {
	if v.options.Observe != nil {
		v.options.Observe(e)
	}
}
