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

type senderFunc func(ctx context.Context, m mail.Mail) error

func (s senderFunc) Send(ctx context.Context, m mail.Mail) error { return s(ctx, m) }

// logBuffer is a log output that can be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// open starts an outbox and returns it with its log.
func open(s mail.Sender, o mail.Options) (*mail.Outbox, *logBuffer) {
	log := &logBuffer{}
	return mail.NewOutbox(s, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), o), log
}

// composed returns a compose function that returns m.
func composed(m mail.Mail) func(context.Context) (mail.Mail, bool, error) {
	return func(context.Context) (mail.Mail, bool, error) { return m, true, nil }
}

func enqueue(t *testing.T, o *mail.Outbox, compose func(context.Context) (mail.Mail, bool, error)) {
	t.Helper()
	if err := o.Enqueue("login code", compose); err != nil {
		t.Fatal(err)
	}
}

// drain closes the outbox and fails the test if a mail is lost. In a synctest bubble its time limit of an hour passes at once.
func drain(t *testing.T, o *mail.Outbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if lost := o.Close(ctx); lost != 0 {
		t.Errorf("%d mails were lost", lost)
	}
}

var errBusy = fault.New(fault.Unavailable, "The mail server did not accept the mail.")

func TestOutboxBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		o, log := open(senderFunc(func(context.Context, mail.Mail) error {
			at = append(at, time.Since(start))
			return errBusy
		}), mail.Options{Tries: 6, FirstWait: time.Second, LongestWait: 5 * time.Second})
		enqueue(t, o, composed(letter(t, "ada@example.org")))
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(at) != 6 {
			t.Fatalf("tried at %v, want 6", at)
		}
		for i, longest := range []time.Duration{1, 2, 4, 5, 5} {
			longest *= time.Second
			if wait := at[i+1] - at[i]; wait < longest/2 || wait > longest {
				t.Errorf("wait %d was %v, want %v to %v", i+1, wait, longest/2, longest)
			}
		}
		contains(t, "log", log.String(), []string{
			`level=WARN msg="sending a mail failed; retrying later" kind="login code" attempt=1 retry_in_ms=`, "attempt=5", "domain=example.org",
			`level=ERROR msg="sending a mail failed; giving up" kind="login code" attempt=6`, "unavailable: The mail server did not accept the mail.",
		}, []string{"attempt=7", code, "ada", "authenticate", "sign-in code"})
		drain(t, o)
	})
}

// The outbox stops retrying when the mail has expired and when the error is permanent.
func TestOutboxGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		tries int
	}{
		"expired":          {errBusy, 4}, // at most 7 s of waiting; the next wait of up to 8 s would end too late
		"internal":         {errors.New("out of memory"), 4},
		"invalid":          {fault.New(fault.InvalidRequest, "The email address is not one."), 1},
		"deleted customer": {fault.New(fault.NotFound, "Customer does not exist."), 1},
	} {
		for _, where := range []string{"compose", "send"} {
			t.Run(name+" "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					tries := 0
					var failures []mail.Failure
					m := letter(t, "ada@example.org")
					m.Organization = "acme"
					m.UsefulFor = 7500 * time.Millisecond
					o, log := open(senderFunc(func(context.Context, mail.Mail) error { tries++; return c.err }),
						mail.Options{FirstWait: time.Second, Lifetime: 7500 * time.Millisecond, OnFailure: func(_ context.Context, f mail.Failure) { failures = append(failures, f) }})
					if where == "compose" {
						enqueue(t, o, func(context.Context) (mail.Mail, bool, error) { tries++; return mail.Mail{}, false, c.err })
					} else {
						enqueue(t, o, composed(m))
					}
					time.Sleep(time.Hour)
					drain(t, o)
					if tries < c.tries || tries > c.tries+1 || c.tries == 1 && tries > 1 {
						t.Errorf("tried %d times, want %d", tries, c.tries)
					}
					contains(t, "log", log.String(), []string{"sending a mail failed; giving up", c.err.Error()}, []string{"ada"})
					want := mail.Failure{Kind: "login code", To: m.To, Organization: "acme", Error: c.err.Error(), Attempts: tries}
					if where == "compose" && len(failures) != 0 || where == "send" && (len(failures) != 1 || failures[0] != want) {
						t.Errorf("the failures are %+v, want %+v", failures, want)
					}
				})
			})
		}
	}
}

// The outbox repeats compose until it succeeds, and then sends the same mail in every attempt.
func TestOutboxComposesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		composed, sent := 0, []string{}
		o, _ := open(senderFunc(func(_ context.Context, m mail.Mail) error {
			if sent = append(sent, m.Text); len(sent) < 3 {
				return errBusy
			}
			return nil
		}), mail.Options{})
		enqueue(t, o, func(context.Context) (mail.Mail, bool, error) {
			if composed++; composed < 3 {
				return mail.Mail{}, false, errBusy
			}
			m := letter(t, "ada@example.org")
			m.Text = fmt.Sprint("mail ", composed)
			return m, true, nil
		})
		time.Sleep(time.Hour)
		drain(t, o)
		if composed != 3 || strings.Join(sent, ",") != "mail 3,mail 3,mail 3" {
			t.Errorf("composed %d times, sent %v", composed, sent)
		}
	})
}

func TestOutboxNothingToSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := open(senderFunc(func(context.Context, mail.Mail) error { t.Error("a mail was sent"); return nil }), mail.Options{})
		enqueue(t, o, func(context.Context) (mail.Mail, bool, error) { return mail.Mail{}, false, nil })
		drain(t, o)
		if log.String() != "" {
			t.Errorf("unexpected log: %s", log)
		}
	})
}

// A mail that waits for a retry counts toward the capacity but does not delay other mails, and Enqueue never blocks.
func TestOutboxIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		sent := 0
		o, _ := open(senderFunc(func(_ context.Context, m mail.Mail) error {
			if m.To.Email == "busy@example.org" {
				return errBusy
			}
			<-release
			sent++
			return nil
		}), mail.Options{Capacity: 3, Workers: 1, Tries: 2, FirstWait: time.Minute})
		enqueue(t, o, composed(letter(t, "busy@example.org")))
		synctest.Wait() // the busy mail now waits for its retry
		enqueue(t, o, composed(letter(t, "ada@example.org")))
		enqueue(t, o, composed(letter(t, "bob@example.org")))
		if err := o.Enqueue("login code", composed(letter(t, "eve@example.org"))); !fault.Is(err, fault.Unavailable) {
			t.Errorf("enqueue to a full outbox: %v", err)
		}
		close(release)
		synctest.Wait()
		if sent != 2 {
			t.Errorf("%d mails were sent while one waited", sent)
		}
		enqueue(t, o, composed(letter(t, "eve@example.org")))
		drain(t, o)
		if sent != 3 {
			t.Errorf("%d mails were sent", sent)
		}
	})
}

func TestOutboxAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, tries := time.Now(), 0
		o, _ := open(senderFunc(func(ctx context.Context, _ mail.Mail) error {
			if tries++; tries == 2 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}), mail.Options{AttemptTimeout: 10 * time.Second, FirstWait: time.Second})
		enqueue(t, o, composed(letter(t, "ada@example.org")))
		time.Sleep(11 * time.Second)
		synctest.Wait()
		drain(t, o)
		if took := time.Since(start); tries != 2 || took != 11*time.Second {
			t.Errorf("tried %d times in %v", tries, took)
		}
	})
}

func TestOutboxSurvivesPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		o, log := open(senderFunc(func(context.Context, mail.Mail) error { tries++; panic("at " + code) }), mail.Options{Workers: 1})
		enqueue(t, o, func(context.Context) (mail.Mail, bool, error) { tries++; panic("a bug") })
		enqueue(t, o, composed(letter(t, "ada@example.org")))
		drain(t, o)
		if tries != 2 {
			t.Errorf("tried %d times", tries)
		}
		contains(t, "log", log.String(), []string{"panic: a bug", "panic: at …", "outbox_test.go"}, []string{code})
	})
}

// Close retries waiting mails at once, waits between further attempts, and returns how many mails it could not finish.
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
				o, log := open(senderFunc(func(context.Context, mail.Mail) error {
					if tries++; tries <= c.busy {
						return errBusy
					}
					return nil
				}), mail.Options{FirstWait: 2 * time.Minute})
				enqueue(t, o, composed(letter(t, "ada@example.org")))
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), c.patient)
				defer cancel()
				if lost := o.Close(ctx); lost != c.lost || lost != o.Close(ctx) {
					t.Errorf("%d mails were lost, want %d", lost, c.lost)
				}
				if err := o.Enqueue("login code", composed(letter(t, "ada@example.org"))); !fault.Is(err, fault.Unavailable) {
					t.Errorf("enqueue to a closed outbox: %v", err)
				}
				contains(t, "log", log.String(), []string{"retrying later"}, []string{"giving up"})
			})
		})
	}
}

// Close counts the attempts that it interrupts as lost and does not log them as failed.
func TestOutboxInterrupts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, log := open(senderFunc(func(ctx context.Context, _ mail.Mail) error { <-ctx.Done(); return ctx.Err() }),
			mail.Options{Workers: 2, AttemptTimeout: time.Hour})
		for range 5 {
			enqueue(t, o, composed(letter(t, "ada@example.org")))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if lost := o.Close(ctx); lost != 5 || o.Unsent() != 5 {
			t.Errorf("%d mails were lost, %d are not sent", lost, o.Unsent())
		}
		o.Close(ctx) // logs nothing more
		contains(t, "log", log.String(), []string{`mails=5 kinds="login code: 5" domains="example.org: `}, []string{"giving up", "ada@"})
		if strings.Count(log.String(), "\n") != 1 {
			t.Errorf("log: %s", log)
		}
	})
}

// Concurrent callers: each mail is sent exactly once although attempts fail, and the full capacity becomes available again.
func TestOutboxConcurrentEnqueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var tries, sent atomic.Int64
		o, _ := open(senderFunc(func(context.Context, mail.Mail) error {
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
						if err := o.Enqueue("login code", composed(m)); err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			time.Sleep(time.Hour)
			synctest.Wait()
		}
		drain(t, o)
		if sent.Load() != 800 {
			t.Errorf("%d mails were sent, want 800", sent.Load())
		}
	})
}

// A mail that the server rejects temporarily arrives once; a mail that it rejects permanently is not retried.
func TestOutboxOverSMTP(t *testing.T) {
	for name, c := range map[string]struct {
		code         int
		conns, mails int
	}{"temporary": {451, 3, 1}, "permanent": {550, 1, 0}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "", rules{rcpt: func(number int) error {
				if number < 3 {
					return &smtp.SMTPError{Code: c.code, Message: "ada@example.org, " + code}
				}
				return nil
			}})
			o, log := open(sender(t, s, "smtp://HOST"), mail.Options{FirstWait: time.Millisecond})
			enqueue(t, o, composed(letter(t, "ada@example.org")))
			drain(t, o)
			if conns, _ := s.counts(); conns != c.conns || len(s.mails()) != c.mails {
				t.Errorf("%d connections, %d mails, want %d and %d", conns, len(s.mails()), c.conns, c.mails)
			}
			contains(t, "log", log.String(), []string{fmt.Sprint(c.code), "domain=example.org"}, []string{"ada", code, "authenticate", "sign-in code"})
		})
	}
}

// Every attempt has the same Message-ID and date, so that a server can recognize a mail that it already has.
func TestOutboxRetriesWithTheSameMessageID(t *testing.T) {
	s := serve(t, "", rules{data: func(number int) error {
		if number == 1 {
			return &smtp.SMTPError{Code: 451, Message: "try again"}
		}
		return nil
	}})
	o, _ := open(sender(t, s, "smtp://HOST"), mail.Options{FirstWait: time.Millisecond})
	enqueue(t, o, composed(letter(t, "ada@example.org")))
	drain(t, o)
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

func TestOutboxRetriesUntilTheServerIsBack(t *testing.T) {
	stopped := serve(t, "", rules{})
	client := sender(t, stopped, "smtp://HOST")
	stopped.stop()
	refused, up := make(chan struct{}), make(chan struct{})
	var first sync.Once
	o, log := open(senderFunc(func(ctx context.Context, m mail.Mail) error {
		err := client.Send(ctx, m)
		first.Do(func() { close(refused); <-up })
		return err
	}), mail.Options{FirstWait: time.Millisecond})
	enqueue(t, o, composed(letter(t, "ada@example.org")))
	<-refused
	restarted := serve(t, stopped.addr, rules{})
	close(up)
	drain(t, o)
	if len(restarted.mails()) != 1 || !strings.Contains(log.String(), "attempt=1") || strings.Contains(log.String(), "attempt=2") {
		t.Errorf("%d mails: %s", len(restarted.mails()), log)
	}
}

// A server that never answers delays the outbox only until the attempt times out.
func TestOutboxOverAHangingServer(t *testing.T) {
	client, silent := hang(t, "EHLO")
	o, log := open(client, mail.Options{Tries: 1, AttemptTimeout: 50 * time.Millisecond})
	enqueue(t, o, composed(letter(t, "ada@example.org")))
	<-silent
	drain(t, o)
	contains(t, "log", log.String(), []string{"sending a mail failed; giving up", "deadline exceeded"}, []string{"ada", code})
}

// Wait returns when the last mail is done, after all of its retries.
func TestOutboxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		o, _ := open(senderFunc(func(context.Context, mail.Mail) error {
			if tries++; tries < 3 {
				return errBusy
			}
			return nil
		}), mail.Options{FirstWait: time.Second})
		if err := o.Wait(t.Context()); err != nil {
			t.Errorf("Wait on an empty outbox: %v", err)
		}
		enqueue(t, o, composed(letter(t, "ada@example.org")))
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := o.Wait(canceled); !errors.Is(err, context.Canceled) {
			t.Errorf("Wait with a canceled context: %v", err)
		}
		if err := o.Wait(t.Context()); err != nil || tries != 3 {
			t.Errorf("Wait: %v after %d tries, want 3", err, tries)
		}
		drain(t, o)
	})
}
