package login

import (
	"context"
	"time"
)

// attemptLease is how long a code counts from the begin of an attempt to send its mail. It is longer than [mail.Options.AttemptTimeout].
const attemptLease = 90 * time.Second

// attemptEnds returns until when a code counts whose mail is about to be sent.
func (d *Service) attemptEnds(now time.Time, lifetime time.Duration) time.Time {
	return now.Add(min(attemptLease, lifetime))
}

// delivery counts a code toward the maximum of its address or session, for as long as its mail may arrive: for a short time during
// each attempt to send the mail, and for its lifetime once the mail server has accepted the mail. So a mail that is lost, because it was
// given up or because the process was killed, does not keep its recipient from requesting another code. The next code replaces codes that
// do not count, so that an address never has more live codes than the maximum; a mail that still waits for a retry is then dropped.
// Until then, such a code stays valid, because a mail server can accept a mail and lose the connection before it says so. delivery
// implements [mail.Delivery].
type delivery struct {
	service *Service
	most    int
	expires time.Time
	count   func(ctx context.Context, most int, now, until time.Time) (bool, error)
}

// Retry implements [mail.Delivery].
func (d *delivery) Retry(ctx context.Context) (bool, error) {
	now := d.service.Now()
	return d.count(ctx, d.most, now, d.service.attemptEnds(now, d.expires.Sub(now)))
}

// Attempted implements [mail.Delivery].
func (d *delivery) Attempted(ctx context.Context, accepted bool) error {
	now := d.service.Now()
	until := now
	if accepted {
		until = d.expires
	}
	_, err := d.count(ctx, -1, now, until)
	return err
}
