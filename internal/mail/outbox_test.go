package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/mail"
)

type sending func(ctx context.Context, m mail.Mail) error

func (s sending) Send(ctx context.Context, m mail.Mail) error { return s(ctx, m) }

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// open is an outbox whose log can be read.
func open(s mail.Sender, o mail.Options) (*mail.Outbox, *journal) {
	log := &journal{}
	return mail.NewOutbox(s, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), o), log
}

// written is a job whose mail is there already.
func written(m mail.Mail) func(context.Context) (mail.Mail, bool, error) {
	return func(context.Context) (mail.Mail, bool, error) { return m, true, nil }
}

func post(t *testing.T, o *mail.Outbox, compose func(context.Context) (mail.Mail, bool, error)) {
	t.Helper()
	if err := o.Enqueue("login code", compose); err != nil {
		t.Fatal(err)
	}
}

// drained closes an outbox that must not lose anything. It may take an hour, for in a bubble that is no time.
func drained(t *testing.T, o *mail.Outbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if lost := o.Close(ctx); lost != 0 {
		t.Errorf("%d mails were lost", lost)
	}
}

var errBusy = fault.New(fault.Unavailable, "The mail server did not take the mail.")

func TestOutboxBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		o, log := open(sending(func(context.Context, mail.Mail) error {
			at = append(at, time.Since(start))
			return errBusy
		}), mail.Options{Tries: 6, FirstWait: time.Second, LongestWait: 5 * time.Second})
		post(t, o, written(letter(t, "ada@example.org")))
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(at) != 6 {
			t.Fatalf("tried at %v, wanted 6 times", at)
		}
		for i, longest := range []time.Duration{1, 2, 4, 5, 5} {
			longest *= time.Second
			if wait := at[i+1] - at[i]; wait < longest/2 || wait > longest {
				t.Errorf("wait %d was %v, wanted from %v to %v", i+1, wait, longest/2, longest)
			}
		}
		contains(t, "log", log.String(), []string{
			`level=WARN msg="a mail could not be sent yet" kind="login code" attempt=1 retry_in=`, "attempt=5", "domain=example.org",
			`level=ERROR msg="a mail was given up" kind="login code" attempt=6`, "unavailable: The mail server did not take the mail.",
		}, []string{"attempt=7", code, "ada", "authenticate", "purchases"})
		drained(t, o)
	})
}

// Nothing is sent that has lost its use, and nothing is tried that cannot be any better.
func TestOutboxGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		tries int
	}{
		"expired":         {errBusy, 4}, // after at most 7 s of waiting; the 8 s that would follow are too long
		"internal":        {errors.New("out of memory"), 4},
		"unfit":           {fault.New(fault.InvalidRequest, "The email address is not one."), 1},
		"no longer there": {fault.New(fault.NotFound, "Customer does not exist."), 1},
	} {
		for _, where := range []string{"compose", "send"} {
			t.Run(name+" "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tries := 0
					m := letter(t, "ada@example.org")
					m.UsefulFor = 7500 * time.Millisecond
					o, log := open(sending(func(context.Context, mail.Mail) error { tries++; return c.err }),
						mail.Options{FirstWait: time.Second, Lifetime: 7500 * time.Millisecond})
					if where == "compose" {
						post(t, o, func(context.Context) (mail.Mail, bool, error) { tries++; return mail.Mail{}, false, c.err })
					} else {
						post(t, o, written(m))
					}
					time.Sleep(time.Hour)
					drained(t, o)
					if tries < c.tries || tries > c.tries+1 || c.tries == 1 && tries > 1 {
						t.Errorf("tried %d times, wanted %d", tries, c.tries)
					}
					contains(t, "log", log.String(), []string{"a mail was given up", c.err.Error()}, []string{"ada"})
				})
			})
		}
	}
}

// Composing is repeated until it succeeds once; from then on the same mail is sent, so that a server can tell.
func TestOutboxComposesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		composed, sent := 0, []string{}
		o, _ := open(sending(func(_ context.Context, m mail.Mail) error {
			if sent = append(sent, m.Text); len(sent) < 3 {
				return errBusy
			}
			return nil
		}), mail.Options{})
		post(t, o, func(context.Context) (mail.Mail, bool, error) {
			if composed++; composed < 3 {
				return mail.Mail{}, false, errBusy
			}
			m := letter(t, "ada@example.org")
			m.Text = fmt.Sprint("mail ", composed)
			return m, true, nil
		})
		time.Sleep(time.Hour)
		drained(t, o)
		if composed != 3 || strings.Join(sent, ",") != "mail 3,mail 3,mail 3" {
			t.Errorf("composed %d times, sent %v", composed, sent)
		}
	})
}

func TestOutboxNothingToSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := open(sending(func(context.Context, mail.Mail) error { t.Error("something was sent"); return nil }), mail.Options{})
		post(t, o, func(context.Context) (mail.Mail, bool, error) { return mail.Mail{}, false, nil })
		drained(t, o)
		if log.String() != "" {
			t.Errorf("the log tells of it: %s", log)
		}
	})
}

// A mail that waits for its next attempt holds nobody up but has its place; Post never waits for one.
func TestOutboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let := make(chan struct{})
		sent := 0
		o, _ := open(sending(func(_ context.Context, m mail.Mail) error {
			if m.To.Email == "busy@example.org" {
				return errBusy
			}
			<-let
			sent++
			return nil
		}), mail.Options{Capacity: 3, Workers: 1, Tries: 2, FirstWait: time.Minute})
		post(t, o, written(letter(t, "busy@example.org")))
		synctest.Wait() // it waits now
		post(t, o, written(letter(t, "ada@example.org")))
		post(t, o, written(letter(t, "bob@example.org")))
		if err := o.Enqueue("login code", written(letter(t, "eve@example.org"))); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the fourth of three: %v", err)
		}
		close(let)
		synctest.Wait()
		if sent != 2 {
			t.Errorf("%d mails were sent while one waited", sent)
		}
		post(t, o, written(letter(t, "eve@example.org")))
		drained(t, o)
		if sent != 3 {
			t.Errorf("%d mails were sent", sent)
		}
	})
}

func TestOutboxBoundsAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, tries := time.Now(), 0
		o, _ := open(sending(func(ctx context.Context, _ mail.Mail) error {
			if tries++; tries == 2 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}), mail.Options{AttemptTimeout: 10 * time.Second, FirstWait: time.Second})
		post(t, o, written(letter(t, "ada@example.org")))
		time.Sleep(11 * time.Second)
		synctest.Wait()
		drained(t, o)
		if took := time.Since(start); tries != 2 || took != 11*time.Second {
			t.Errorf("tried %d times in %v", tries, took)
		}
	})
}

func TestOutboxSurvivesPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		o, log := open(sending(func(context.Context, mail.Mail) error { tries++; panic("at " + code) }), mail.Options{Workers: 1})
		post(t, o, func(context.Context) (mail.Mail, bool, error) { tries++; panic("a mistake") })
		post(t, o, written(letter(t, "ada@example.org")))
		drained(t, o)
		if tries != 2 {
			t.Errorf("tried %d times", tries)
		}
		contains(t, "log", log.String(), []string{"panic: a mistake", "panic: at …", "outbox_test.go"}, []string{code})
	})
}

// Close gives those that wait an attempt at once, further ones in their time, and tells what it could not finish.
func TestOutboxCloses(t *testing.T) {
	for name, c := range map[string]struct {
		busy    int // attempts that fail
		patient time.Duration
		lost    int
	}{
		"at once":        {1, time.Minute, 0},
		"after a wait":   {2, 10 * time.Minute, 0},
		"out of time":    {99, time.Minute, 1},
		"no time at all": {99, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				o, log := open(sending(func(context.Context, mail.Mail) error {
					if tries++; tries <= c.busy {
						return errBusy
					}
					return nil
				}), mail.Options{FirstWait: 2 * time.Minute})
				post(t, o, written(letter(t, "ada@example.org")))
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), c.patient)
				defer cancel()
				if lost := o.Close(ctx); lost != c.lost || lost != o.Close(ctx) {
					t.Errorf("%d mails were lost, wanted %d", lost, c.lost)
				}
				if err := o.Enqueue("login code", written(letter(t, "ada@example.org"))); !fault.Is(err, fault.Unavailable) {
					t.Errorf("a closed outbox: %v", err)
				}
				contains(t, "log", log.String(), []string{"could not be sent yet"}, []string{"given up"})
			})
		})
	}
}

// An attempt that Close interrupts is lost, not given up.
func TestOutboxInterrupts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := open(sending(func(ctx context.Context, _ mail.Mail) error { <-ctx.Done(); return ctx.Err() }),
			mail.Options{Workers: 2, AttemptTimeout: time.Hour})
		for range 5 {
			post(t, o, written(letter(t, "ada@example.org")))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if lost := o.Close(ctx); lost != 5 || log.String() != "" {
			t.Errorf("%d mails were lost: %s", lost, log)
		}
	})
}

// Many post at once while attempts fail: each mail is sent once, and every place comes free again.
func TestOutboxTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries, sent atomic.Int64
		o, _ := open(sending(func(context.Context, mail.Mail) error {
			if tries.Add(1)%3 == 0 {
				return errBusy
			}
			sent.Add(1)
			return nil
		}), mail.Options{Capacity: 400, Tries: 100})
		m := letter(t, "ada@example.org")
		for range 2 {
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 50 {
						if err := o.Enqueue("login code", written(m)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		drained(t, o)
		if sent.Load() != 800 {
			t.Errorf("%d mails were sent, wanted 800", sent.Load())
		}
	})
}

// With a real server: what it refuses for now arrives, once; what it refuses for good is not tried again.
func TestOutboxOverSMTP(t *testing.T) {
	for name, c := range map[string]struct {
		code         int
		conns, mails int
	}{"for now": {451, 3, 1}, "for good": {550, 1, 0}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "", rules{rcpt: func(number int) error {
				if number < 3 {
					return &smtp.SMTPError{Code: c.code, Message: "ada@example.org, " + code}
				}
				return nil
			}})
			o, log := open(sender(t, s, "smtp://HOST"), mail.Options{FirstWait: time.Millisecond})
			post(t, o, written(letter(t, "ada@example.org")))
			drained(t, o)
			if conns, _ := s.counts(); conns != c.conns || len(s.mails()) != c.mails {
				t.Errorf("%d connections, %d mails, wanted %d and %d", conns, len(s.mails()), c.conns, c.mails)
			}
			contains(t, "log", log.String(), []string{fmt.Sprint(c.code), "domain=example.org"}, []string{"ada", code, "authenticate", "purchases"})
		})
	}
}

// A server that took a mail and could not say so gets the same message again, by its Message-ID and date.
func TestOutboxRepeatsTheMessage(t *testing.T) {
	s := serve(t, "", rules{data: func(number int) error {
		if number == 1 {
			return &smtp.SMTPError{Code: 451, Message: "was that all?"}
		}
		return nil
	}})
	o, _ := open(sender(t, s, "smtp://HOST"), mail.Options{FirstWait: time.Millisecond})
	post(t, o, written(letter(t, "ada@example.org")))
	drained(t, o)
	var ids []string
	for _, raw := range s.seen {
		msg, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, msg.Header.Get("Message-Id")+msg.Header.Get("Date"))
	}
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("%q", ids)
	}
}

// A server that is away comes back on the same port.
func TestOutboxWaitsForAServer(t *testing.T) {
	away := serve(t, "", rules{})
	client := sender(t, away, "smtp://HOST")
	away.stop()
	refused, up := make(chan struct{}), make(chan struct{})
	var first sync.Once
	o, log := open(sending(func(ctx context.Context, m mail.Mail) error {
		err := client.Send(ctx, m)
		first.Do(func() { close(refused); <-up })
		return err
	}), mail.Options{FirstWait: time.Millisecond})
	post(t, o, written(letter(t, "ada@example.org")))
	<-refused
	back := serve(t, away.addr, rules{})
	close(up)
	drained(t, o)
	if len(back.mails()) != 1 || !strings.Contains(log.String(), "attempt=1") || strings.Contains(log.String(), "attempt=2") {
		t.Errorf("%d mails: %s", len(back.mails()), log)
	}
}

// A server that never answers costs an attempt its time, and no more.
func TestOutboxOverAHangingServer(t *testing.T) {
	client, silent := hang(t, "EHLO")
	o, log := open(client, mail.Options{Tries: 1, AttemptTimeout: 50 * time.Millisecond})
	post(t, o, written(letter(t, "ada@example.org")))
	<-silent
	drained(t, o)
	contains(t, "log", log.String(), []string{"a mail was given up", "deadline exceeded"}, []string{"ada", code})
}

// Whoever waits is told when the last mail is done, however often it was tried.
func TestOutboxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		o, _ := open(sending(func(context.Context, mail.Mail) error {
			if tries++; tries < 3 {
				return errBusy
			}
			return nil
		}), mail.Options{FirstWait: time.Second})
		if err := o.Wait(t.Context()); err != nil {
			t.Errorf("without a job: %v", err)
		}
		post(t, o, written(letter(t, "ada@example.org")))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := o.Wait(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who is gone: %v", err)
		}
		if err := o.Wait(t.Context()); err != nil || tries != 3 {
			t.Errorf("%v after %d tries, wanted 3", err, tries)
		}
		drained(t, o)
	})
}
