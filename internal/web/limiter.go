package web

import (
	"hash/maphash"
	"net/http"
	"net/netip"
	"time"

	"github.com/postern-go/postern/internal/fault"
)

// Limiter refuses callers who ask too often, before anything is looked up for them:
//
//	limiter := web.NewLimiter(web.Production(), []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
//
// A request is counted for whom its bearer was last verified as; for the bearer itself, in the zone Pending, when that is
// not known; and for the client's IP address when there is no bearer. It counts what this process sees: of several
// nodes, each allows the whole rate.
//
// Its memory is bounded, at 17 MiB: it holds 65,536 callers who are known or come without a bearer, as many unverified
// bearers, which are strangers' to invent and so cannot displace the others, and remembers 262,144 bearers for
// 300 s. What happens beyond costs somebody's count and never a block; see tally.
//
// The nil Limiter limits nothing. Safe for concurrent use.
type Limiter struct {
	rates   Rates
	trusted []netip.Prefix
	seed    maphash.Seed
	known   *known
	callers *tally
	bearers *tally
}

const (
	tallySets = 1 << 13
	knownSets = 1 << 15
)

// NewLimiter makes a limiter whose clients may come through trusted proxies; see [ClientIP]. It is nil when no zone has a
// limit.
func NewLimiter(rates Rates, trusted []netip.Prefix) *Limiter {
	limited := false
	for zone := range rates {
		limited = limited || rates[zone].limited()
	}
	if !limited {
		return nil
	}
	l := &Limiter{rates: rates, trusted: trusted, seed: maphash.MakeSeed(), known: newKnown(knownSets)}
	l.callers = newTally(&l.rates, tallySets)
	l.bearers = newTally(&l.rates, tallySets)
	return l
}

// Claim is whom a request is counted for, before anybody has verified it.
type Claim struct {
	who Identity
	// bearer is the hash of the bearer; 0 when there is none.
	bearer uint64
}

// Admit counts a request, or yields fault.TooMany.
func (l *Limiter) Admit(zone Zone, r *http.Request, now time.Time) (Claim, error) {
	if l == nil {
		return Claim{}, nil
	}
	nanos := now.UnixNano()
	c := l.claimed(r, nanos)
	tally := l.callers
	if c.who.Kind == bearer {
		tally = l.bearers
		if zone == Default {
			zone = Pending
		}
	}
	if !l.rates[zone].limited() {
		return c, nil
	}
	if wait := tally.take(c.who, zone, nanos); wait > 0 {
		return c, tooMany(wait)
	}
	return c, nil
}

func (l *Limiter) claimed(r *http.Request, now int64) Claim {
	text, ok := Bearer(r.Header)
	if !ok {
		return Claim{who: identityOf(ClientIP(r, l.trusted))}
	}
	hash := maphash.String(l.seed, text)
	if who, ok := l.known.get(hash, now); ok {
		return Claim{who, hash}
	}
	return Claim{Identity{bearer, hash}, hash}
}

// Learn remembers as whom authentication verified a claim, and forgets a bearer that it refused: who keeps a token that
// has ended must not spend the requests of its former holder.
func (l *Limiter) Learn(c Claim, verified Identity, err error, now time.Time) {
	switch {
	case c.bearer == 0:
	case fault.Is(err, fault.InvalidToken):
		if c.who.Kind != bearer {
			l.known.drop(c.bearer)
		}
	case err == nil && verified.Kind != 0 && verified != c.who:
		l.known.put(c.bearer, verified, now.UnixNano())
	}
}

func tooMany(wait time.Duration) error {
	err := fault.New(fault.TooMany, "Too many requests.")
	err.RetryAfter = wait
	return err
}
