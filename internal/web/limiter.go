package web

import (
	"hash/maphash"
	"net/http"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// Limiter refuses requests of callers that exceed their rate limit, before the store is asked:
//
//	limiter := web.NewLimiter(web.Production(), []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
//
// A request counts for the identity that its bearer token had at its last verification. A token that is not verified yet counts
// for itself, in the zone Pending. A request without a token counts for the IP address of the client. Each process counts alone,
// so with several nodes a caller has the whole rate on each of them.
//
// The memory is bounded at 17 MiB: 65,536 callers that are verified or have no token, 65,536 unverified tokens, and the identities
// of 262,144 tokens for 300 s. Unverified tokens are counted separately, because clients can invent any number of them and must not
// displace other callers. When the memory is full, counts can get lost, but blocks never do; see tally.
//
// A nil Limiter allows everything. A Limiter is safe for concurrent use.
type Limiter struct {
	rates   Rates
	trusted []netip.Prefix
	seed    maphash.Seed
	cache   *identityCache
	callers *tally
	bearers *tally
}

const (
	tallySets = 1 << 13
	cacheSets = 1 << 15
)

// NewLimiter returns a limiter that finds the IP addresses of clients behind the trusted proxies; see [ClientIP]. It returns nil if
// no zone has a limit.
func NewLimiter(rates Rates, trusted []netip.Prefix) *Limiter {
	limited := false
	for zone := range rates {
		limited = limited || rates[zone].limited()
	}
	if !limited {
		return nil
	}
	l := &Limiter{rates: rates, trusted: trusted, seed: maphash.MakeSeed(), cache: newIdentityCache(cacheSets)}
	l.callers = newTally(&l.rates, tallySets)
	l.bearers = newTally(&l.rates, tallySets)
	return l
}

// Claim is the identity under which a request was counted before authentication.
type Claim struct {
	identity Identity
	// bearer is the hash of the bearer token, or 0 if there is none.
	bearer uint64
}

// Admit counts a request. It returns fault.TooMany if the caller has exceeded its rate limit.
func (l *Limiter) Admit(zone Zone, r *http.Request, now time.Time) (Claim, error) {
	if l == nil {
		return Claim{}, nil
	}
	nanos := now.UnixNano()
	c := l.claimed(r, nanos)
	tally := l.callers
	if c.identity.Kind == bearer {
		tally = l.bearers
		if zone == Default {
			zone = Pending
		}
	}
	if !l.rates[zone].limited() {
		return c, nil
	}
	if wait := tally.take(c.identity, zone, nanos); wait > 0 {
		return c, tooMany(zone, wait)
	}
	return c, nil
}

func (l *Limiter) claimed(r *http.Request, now int64) Claim {
	text, ok := Bearer(r.Header)
	if !ok {
		return Claim{identity: identityOf(ClientIP(r, l.trusted))}
	}
	hash := maphash.String(l.seed, text)
	if identity, ok := l.cache.get(hash, now); ok {
		return Claim{identity, hash}
	}
	return Claim{Identity{bearer, hash}, hash}
}

// Learn caches the identity that authentication has verified for a claim. If authentication refused the token, Learn removes
// the identity of the token, so that later requests with the token do not count for its former holder.
func (l *Limiter) Learn(c Claim, verified Identity, err error, now time.Time) {
	switch {
	case c.bearer == 0:
	case fault.Is(err, fault.InvalidToken):
		if c.identity.Kind != bearer {
			l.cache.drop(c.bearer)
		}
	case err == nil && verified.Kind != 0 && verified != c.identity:
		l.cache.put(c.bearer, verified, now.UnixNano())
	}
}

func tooMany(zone Zone, wait time.Duration) error {
	err := fault.New(fault.TooMany, "Too many requests.")
	err.RetryAfter, err.Limit = wait, zone.String()
	return err
}
