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

// Errors of [Verifier.Verify], for errors.Is, beside polar.ErrInvalidToken.
var (
	// ErrUnavailable is a session of which nobody knows: the server could not be asked, or gave no answer that can be used. errors.As
	// may find the client's error in it.
	ErrUnavailable = errors.New("the server could not be asked")
	// ErrCrossOrigin is a request that changes something, with the session's cookie, from a page of another origin.
	ErrCrossOrigin = errors.New("the request comes from another origin")
)

var errInvalid = fmt.Errorf("portalauth: %w", polar.ErrInvalidToken)

// Verifier tells who holds a session. Make one with [New], and share it: it is safe for concurrent use.
type Verifier struct {
	client  *polar.Client
	options Options
	// invalid is what is wrong with the options; nil for nothing.
	invalid error
	origins *http.CrossOriginProtection
	polar   bool
	// organization is that of the client's access token, once it is known.
	organization atomic.Pointer[string]

	// sessions are the live ones; refusals are kept apart, so that nobody drives sessions out by making up tokens.
	sessions, refusals *cache
	feed               feed

	following sync.Once
	ctx       context.Context // of the following
	stop      context.CancelFunc
}

// New makes a verifier that asks with the client. It does no I/O and starts nothing; with the first session that it is asked about,
// it begins to follow the server's stream of revocations, until [Verifier.Close].
func New(client *polar.Client, options Options) *Verifier {
	v := &Verifier{client: client, options: options, origins: http.NewCrossOriginProtection()}
	v.ctx, v.stop = context.WithCancel(context.Background())
	v.invalid = v.options.complete()
	for _, origin := range options.TrustedOrigins {
		v.invalid = errors.Join(v.invalid, v.origins.AddTrustedOrigin(origin))
	}
	if client == nil {
		v.invalid = errors.New("portalauth: the client is nil")
	}
	if v.invalid != nil {
		v.invalid = fmt.Errorf("%w: %w", ErrUnavailable, v.invalid)
		return v
	}
	v.polar = options.Polar || client.AsksPolar()
	v.sessions, v.refusals = newCache(v.options.MaxSessions), newCache(v.options.MaxSessions/8)
	return v
}

// Close ends the following of the stream. What it is asked afterwards, the verifier answers as without a stream.
func (v *Verifier) Close() { v.stop() }

// Verify returns who holds the session that a token opens. It yields
//
//   - polar.ErrInvalidToken for a token that opens nothing here: it has ended, is another organization's, or never was one;
//   - [ErrUnavailable] when nobody knows, or ctx has ended: whoever guards something keeps it closed.
//
// An answer that is remembered costs no allocation and some 200 nanoseconds.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	e, err := v.verify(ctx, token)
	if err != nil {
		return Identity{}, err
	}
	return e.identity, nil
}

func (v *Verifier) verify(ctx context.Context, token string) (*entry, error) {
	if v.invalid != nil {
		v.observe(Event{Kind: Unavailable, Err: v.invalid})
		return nil, v.invalid
	}
	if len(token) != tokenLen {
		v.observe(Event{Kind: Malformed})
		return nil, errInvalid
	}
	d, now := digestOf(token), v.options.Now().UnixNano()
	if e := v.recall(v.sessions, d, now); e != nil {
		v.observe(Event{Kind: Remembered})
		return e, nil
	}
	if !wellFormed(token) {
		v.observe(Event{Kind: Malformed})
		return nil, errInvalid
	}
	if v.recall(v.refusals, d, now) != nil || v.feed.over(token) {
		v.observe(Event{Kind: RememberedInvalid})
		return nil, errInvalid
	}
	v.following.Do(func() { go v.follow(v.ctx) })
	return v.ask(ctx, token, d)
}

// recall is what is remembered and still holds; nil for nothing.
func (v *Verifier) recall(c *cache, d digest, now int64) *entry {
	s := c.shard(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[d]
	if e == nil || !v.holds(e, now, v.options.MaxStaleness) {
		return nil
	}
	e.used = now
	return e
}

// holds reports whether an answer can be given again, being no older than age. The lock of its shard is held.
func (v *Verifier) holds(e *entry, now int64, age time.Duration) bool {
	if now < e.asked || now-e.asked >= int64(age) || !e.refused && now >= e.expires {
		return false
	}
	count := v.feed.count.Load()
	if count != e.seen {
		if v.feed.judge(e) != good {
			return false
		}
		e.seen = count
	}
	return true
}

// observe tells of an event. Its function is never nil where the options are good.
func (v *Verifier) observe(e Event) {
	if v.options.Observe != nil {
		v.options.Observe(e)
	}
}
