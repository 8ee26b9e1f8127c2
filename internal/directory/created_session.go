package directory

import (
	"context"
	"time"

	"github.com/postern-go/postern/internal/token"
)

// When access tokens are revoked with the sessions that they created, the transaction only marks the tokens. The sessions are
// ended afterwards in small transactions, because there can be millions of them. A mark stays for endingSettles, because a request
// that the token had started before can still create a session.
const (
	endingSettles = 2 * time.Minute
	// endingChunk is the number of sessions that one transaction ends.
	endingChunk = 200
	// promptSessions is the maximum number of sessions that end before the request that ends them is answered. The other ones end
	// in the background.
	promptSessions = 10_000
)

// EndingToken is an access token that was revoked together with its sessions at the time Since. The sessions are
// still being ended.
type EndingToken struct {
	Key   token.Key
	Since time.Time
}

// EndCreatedSessions ends the sessions of all access tokens that were revoked together with their sessions. Call it every minute:
// it also ends the sessions that a stopped process has left.
func (d *Service) EndCreatedSessions(ctx context.Context) error {
	return d.endCreatedSessions(ctx, -1)
}

// endCreatedSessions is EndCreatedSessions, and stops after about most sessions unless most is negative.
func (d *Service) endCreatedSessions(ctx context.Context, most int) error {
	ending, err := d.store.EndingTokens(ctx)
	if err != nil {
		return err
	}
	left := most
	for _, t := range ending {
		for after := token.Key(-1); ; { // keys are never negative
			last, n, err := d.store.EndCreatedSessions(ctx, t.Key, after, d.instant(), endingChunk)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			after, left = last, left-n
			if most >= 0 && left <= 0 {
				return nil
			}
		}
		if d.instant().Sub(t.Since) >= endingSettles {
			if err := d.store.SettleEndingToken(ctx, t); err != nil {
				return err
			}
		}
	}
	return nil
}
