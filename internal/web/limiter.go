package web

import (
	"context"
	"hash/maphash"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
)

// Limiter refuses requests of callers that exceed their rate limit, before the store is asked:
//
//	limiter := web.NewLimiter(rate.NewMemory(rate.Production()), web.LimiterOptions{Trusted: proxies, Log: logger})
//	claim, err := limiter.Admit(zone, r, now)     // before authentication
//	err = limiter.Settle(claim, identity, err, now) // after authentication
//
// A request counts for the identity that its bearer token had at its last verification. A token that is not verified yet counts
// for itself, in the bucket Pending. A request without a token counts for the IP address of the client. In zones that count by
// address, a session's token has no effect, and a token that is not verified yet is counted after its authentication. Tokens that
// authentication refuses count for the address too; see failed_token.go.
//
// The limiter remembers the identities of 262,144 tokens for 300 s, in 8 MiB, and 8,192 addresses of servers.
//
// A nil Limiter allows everything. A Limiter is safe for concurrent use.
type Limiter struct {
	counts rate.Limiter
	LimiterOptions
	seed  maphash.Seed
	cache *identityCache
	// merchants has the addresses that used an organization's access token.
	merchants *identityCache
}

// LimiterOptions are settings of a [Limiter].
type LimiterOptions struct {
	// Trusted are the proxies behind which the limiter looks for the IP addresses of clients; see [ClientIP].
	Trusted []netip.Prefix
	// Log gets a line when a caller reaches a limit. Nil means no log.
	Log *slog.Logger
}

const cacheSets = 1 << 15

// NewLimiter returns a limiter. If counts is nil, it returns nil, which allows everything.
func NewLimiter(counts rate.Limiter, o LimiterOptions) *Limiter {
	if counts == nil {
		return nil
	}
	return &Limiter{
		counts: counts, LimiterOptions: o, seed: maphash.MakeSeed(), cache: newIdentityCache(cacheSets, identityTTL),
		merchants: newIdentityCache(merchantSets, merchantTTL),
	}
}

// Claim is the identity under which a request was counted before authentication.
type Claim struct {
	identity Identity
	// bearer is the hash of the bearer token, or 0 if there is none.
	bearer uint64
	// later reports whether [Limiter.Settle] counts the request in the zone, from the address.
	later   bool
	zone    Zone
	address netip.Addr
	reached bool
}

// Reached reports whether the request was the first one that the limiter refused since the caller reached its limit.
func (c Claim) Reached() bool { return c.reached }

// Admit counts a request. It returns fault.TooMany if the caller has exceeded its rate limit.
func (l *Limiter) Admit(zone Zone, r *http.Request, now time.Time) (Claim, error) {
	if l == nil {
		return Claim{}, nil
	}
	c := Claim{zone: zone, address: ClientIP(r, l.Trusted)}
	err := l.admit(r, &c, now)
	return c, err
}

func (l *Limiter) admit(r *http.Request, c *Claim, now time.Time) error {
	text, ok := Bearer(r.Header)
	if !ok || c.zone == EmailConfirm {
		c.identity = identityOf(c.address)
		return l.takeAddress(r.Context(), c, now)
	}
	c.bearer = maphash.String(l.seed, text)
	known := false
	if c.identity, known = l.cache.get(c.bearer, now.UnixNano()); !known {
		c.identity = Identity{bearer, c.bearer}
		if err := l.admitUnknown(r.Context(), c, now); err != nil {
			return err
		}
	}
	switch {
	case c.zone == Login && known && c.identity.Kind == Organization:
		return l.take(r.Context(), c, rate.LoginOrganization, now)
	case c.zone == Login && known:
		return l.takeAddress(r.Context(), c, now)
	case c.zone == Login:
		c.later = true
		return l.take(r.Context(), c, rate.Pending, now)
	case c.zone == Default && !known:
		return l.take(r.Context(), c, rate.Pending, now)
	}
	return l.take(r.Context(), c, c.zone.bucket(), now)
}

// take counts a request for the identity of a claim.
func (l *Limiter) take(ctx context.Context, c *Claim, b rate.Bucket, now time.Time) error {
	refusal, err := l.counts.Take(ctx, rate.Key{Bucket: b, ID: [2]uint64{uint64(c.identity.Kind), c.identity.Key}}, now)
	if err == nil && refusal.Refused() {
		err = l.refused(ctx, c, b, refusal)
	}
	return err
}

// takeAddress counts a request for the client's address and for the networks that contain the address. A refused request
// counts for none of them, so that a blocked client cannot use up the rate of its network.
func (l *Limiter) takeAddress(ctx context.Context, c *Claim, now time.Time) error {
	list := countsOf(c.zone.bucket(), c.address)
	for i, key := range list.keys[:list.n] {
		refusal, err := l.counts.Take(ctx, key, now)
		if err == nil && refusal.Refused() {
			err = l.refused(ctx, c, key.Bucket, refusal)
		}
		if err == nil {
			continue
		}
		for _, wider := range list.keys[:i] {
			_ = l.counts.Return(ctx, wider, now) // the count then stays too high until its window ends
		}
		return err
	}
	return nil
}

// refused logs the first refusal of a caller, and returns the error for the caller.
func (l *Limiter) refused(ctx context.Context, c *Claim, b rate.Bucket, refusal rate.Refusal) error {
	c.reached = refusal.First
	if refusal.First && l.Log != nil {
		l.Log.LogAttrs(ctx, slog.LevelWarn, "a caller reached its rate limit", slog.String("limit", b.String()),
			slog.String("client", c.address.String()), slog.Int64("retry_in_ms", refusal.Wait.Milliseconds()))
	}
	return tooMany(b, refusal.Wait)
}

// Settle completes a claim after authentication. It caches the identity that authentication has verified. If authentication
// refused the token, Settle removes the identity of the token, so that later requests with the token do not count for its former
// holder. If Admit could not know for whom the request counts, Settle counts it, and returns fault.TooMany if the caller has
// exceeded its rate limit; otherwise it returns nil.
func (l *Limiter) Settle(ctx context.Context, c Claim, verified Identity, err error, now time.Time) error {
	switch {
	case c.bearer == 0:
	case fault.Is(err, fault.InvalidToken):
		l.countFailure(ctx, c, err, now)
		if c.identity.Kind != bearer {
			l.cache.drop(c.bearer)
		}
	case err == nil && verified.Kind != 0 && verified != c.identity:
		l.cache.put(c.bearer, verified, now.UnixNano())
	}
	if c.bearer != 0 && err == nil {
		l.rememberMerchant(c, verified, now)
	}
	switch {
	case !c.later:
		return nil
	case err == nil && verified.Kind == Organization:
		c.identity = verified
		return l.take(ctx, &c, rate.LoginOrganization, now)
	}
	return l.takeAddress(ctx, &c, now)
}

func tooMany(b rate.Bucket, wait time.Duration) error {
	err := fault.New(fault.TooMany, "Too many requests.")
	err.RetryAfter, err.Limit = wait, b.String()
	return err
}
