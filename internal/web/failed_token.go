package web

import (
	"context"
	"hash/maphash"
	"net/http"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/rate"
)

// Failed tokens are bearer tokens that authentication refuses. They count for the client's address and the networks that contain
// it, so that a client that sends another invented token with each request is refused, too. Requests with valid tokens do not
// count: a server that verifies the sessions of many customers sends many new tokens from one address. Such a server may also
// pass on the invented tokens of its own clients, so an address that uses an organization's access token has a higher rate.
//
// A client that has used up its rate can still use the tokens that the limiter knows.

const (
	merchantSets = 1 << 10
	// merchantTTL is how long an address keeps the higher rate after a request with an organization's access token.
	merchantTTL = 24 * time.Hour
)

// AdmitToken is like [Limiter.Admit] for requests that do not count for their caller. It only refuses a token that is not verified
// yet, if the client has sent too many invalid ones.
func (l *Limiter) AdmitToken(r *http.Request, now time.Time) (Claim, error) {
	text, ok := Bearer(r.Header)
	if l == nil || !ok {
		return Claim{}, nil
	}
	c := Claim{address: ClientIP(r, l.Trusted), bearer: maphash.String(l.seed, text)}
	known := false
	if c.identity, known = l.cache.get(c.bearer, now.UnixNano()); known {
		return c, nil
	}
	c.identity = Identity{bearer, c.bearer}
	err := l.admitUnknown(r.Context(), &c, now)
	return c, err
}

// failureKeys returns the keys for which an invalid token of a claim counts.
func (l *Limiter) failureKeys(c Claim, now time.Time) (list counts) {
	if _, merchant := l.merchants.get(l.hashOf(c.address), now.UnixNano()); !merchant {
		return countsOf(rate.FailedToken, c.address)
	}
	who := identityOf(c.address)
	list.add(rate.FailedTokenOrganization, who.Kind, who.Key)
	return list
}

// admitUnknown returns fault.TooMany if the client of a claim has sent too many invalid tokens. It counts nothing.
func (l *Limiter) admitUnknown(ctx context.Context, c *Claim, now time.Time) error {
	list := l.failureKeys(*c, now)
	for _, key := range list.keys[:list.n] {
		refusal, err := l.counts.Take(ctx, key, now)
		if err == nil && refusal.Refused() {
			err = l.refused(ctx, c, key.Bucket, refusal)
		}
		if err == nil {
			err = l.counts.Return(ctx, key, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// countFailure counts a token of a claim if err, the result of its authentication, is fault.InvalidToken.
func (l *Limiter) countFailure(ctx context.Context, c Claim, err error, now time.Time) {
	if l == nil || !fault.Is(err, fault.InvalidToken) {
		return
	}
	list := l.failureKeys(c, now)
	for _, key := range list.keys[:list.n] {
		_, _ = l.counts.Take(ctx, key, now) // a refusal takes effect at the next request
	}
}

// rememberMerchant gives the address of a claim the rate of servers, if it used an organization's access token.
func (l *Limiter) rememberMerchant(c Claim, verified Identity, now time.Time) {
	if l == nil || verified.Kind != Organization || !c.address.IsValid() {
		return
	}
	hash := l.hashOf(c.address)
	if _, known := l.merchants.get(hash, now.UnixNano()); !known {
		l.merchants.put(hash, verified, now.UnixNano())
	}
}

func (l *Limiter) hashOf(ip netip.Addr) uint64 { return maphash.Comparable(l.seed, ip) }
