package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/fault"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/store/pgtest"
	"github.com/postern-go/postern/internal/token"
)

// process holds the services of one of several processes that share a database.
type process struct {
	store    *store.Store
	people   *directory.Service
	sessions *session.Service
}

func newProcess(t *testing.T, url string, secrets *token.Secrets) process {
	t.Helper()
	s := openPostgres(t, url)
	p := process{s, directory.New(s, secrets, time.Now, directory.Options{}), session.New(s, secrets, time.Now, session.Options{})}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.sessions.Follow(ctx, func(err error) { t.Error(err) }) })
	t.Cleanup(func() { stop(); wg.Wait() })
	return p
}

// A session that one process ends is refused by another process after at most one poll interval and the duration of a poll.
func TestPostgresRevocationReachesOtherProcesses(t *testing.T) {
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.URL(t)
	here, there := newProcess(t, url, secrets), newProcess(t, url, secrets)
	org, _, err := here.people.CreateOrganization(t.Context(), directory.NewOrganization{Slug: "acme", MemberModel: true})
	if err != nil {
		t.Fatal(err)
	}
	delay := make([]time.Duration, 50)
	var wg sync.WaitGroup
	for i := range delay {
		wg.Go(func() {
			var err error
			if delay[i], err = revocationDelay(t.Context(), here, there, org, i); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(delay)
	t.Logf("the other process refuses the session after %s (minimum), %s (median), %s (maximum)",
		delay[0], delay[len(delay)/2], delay[len(delay)-1])
	if worst := delay[len(delay)-1]; worst > 2*time.Second {
		t.Errorf("the maximum %s is too long", worst)
	}
}

// revocationDelay ends a session in one process, at a random time, and returns how long the other process still accepts it.
func revocationDelay(ctx context.Context, here, there process, org directory.Organization, i int) (time.Duration, error) {
	email, other := fmt.Sprintf("%d@example.com", i), fmt.Sprintf("other%d@example.com", i)
	c, err := here.people.CreateCustomer(ctx, org, directory.NewCustomer{Type: directory.Individual, Email: &email})
	if err != nil {
		return 0, err
	}
	holder, err := here.people.Holder(ctx, org, directory.HolderRef{Customer: c.ID})
	if err != nil {
		return 0, err
	}
	issued, err := here.sessions.Create(ctx, login.Grant(org, holder, ""))
	if err != nil {
		return 0, err
	}
	time.Sleep(rand.N(time.Second))
	if _, err := there.sessions.Verify(ctx, issued.Token); err != nil {
		return 0, fmt.Errorf("verify a live session: %w", err)
	}
	if _, err := here.people.ChangeCustomer(ctx, org, c.ID, directory.CustomerChange{Email: &other}); err != nil {
		return 0, err
	}
	ended := time.Now()
	if _, err := here.sessions.Verify(ctx, issued.Token); !fault.Is(err, fault.InvalidToken) {
		return 0, fmt.Errorf("verify in the process that ended the session: %w", err)
	}
	for err = nil; err == nil; time.Sleep(time.Millisecond) {
		_, err = there.sessions.Verify(ctx, issued.Token)
	}
	delay := time.Since(ended)
	if fault.Is(err, fault.InvalidToken) {
		err = nil
	}
	return delay, err
}
