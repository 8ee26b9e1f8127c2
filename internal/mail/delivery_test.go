package mail_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/mail"
)

// deliveries records the calls of an outbox. Retry reports false from the third attempt on, if superseded is set.
type deliveries struct {
	calls      []string
	superseded bool
}

func (d *deliveries) Retry(context.Context) (bool, error) {
	d.calls = append(d.calls, "retry")
	return !d.superseded || len(d.calls) < 4, nil
}

func (d *deliveries) Attempted(ctx context.Context, accepted bool) error {
	d.calls = append(d.calls, fmt.Sprintf("attempted %t", accepted))
	return ctx.Err()
}

func TestDeliveriesAreFollowed(t *testing.T) {
	for name, tt := range map[string]struct {
		superseded bool
		accepts    int // the number of the attempt that succeeds
		want       []string
	}{
		"accepted at once":     {false, 1, []string{"attempted true"}},
		"accepted by a retry":  {false, 2, []string{"attempted false", "retry", "attempted true"}},
		"given up":             {false, 9, []string{"attempted false", "retry", "attempted false", "retry", "attempted false"}},
		"dropped at the retry": {true, 9, []string{"attempted false", "retry", "attempted false", "retry"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				o, _ := open(senderFunc(func(context.Context, mail.Mail) error {
					if attempts++; attempts < tt.accepts {
						return errBusy
					}
					return nil
				}), mail.Options{Tries: 3})
				m, d := letter(t, "ada@example.org"), &deliveries{superseded: tt.superseded}
				m.Delivery = d
				enqueue(t, o, composed(m))
				time.Sleep(time.Hour)
				drain(t, o)
				if !slices.Equal(d.calls, tt.want) {
					t.Errorf("calls: %q, want %q", d.calls, tt.want)
				}
			})
		})
	}
}

// An attempt that Close interrupts is followed too.
func TestInterruptedDeliveriesAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, _ := open(senderFunc(func(ctx context.Context, _ mail.Mail) error {
			<-ctx.Done()
			return ctx.Err()
		}), mail.Options{})
		m, d := letter(t, "ada@example.org"), &deliveries{}
		m.Delivery = d
		enqueue(t, o, composed(m))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if lost := o.Close(ctx); lost != 1 || !slices.Equal(d.calls, []string{"attempted false"}) {
			t.Errorf("%d mails were lost; calls: %q", lost, d.calls)
		}
	})
}
