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

// process is what one of several that share a database is made of.
type process struct {
	store    *store.Store
	people   *directory.Service
	sessions *session.Service
}

func newProcess(t *testing.T, url string, secrets *token.Secrets) process {
	t.Helper()
	s := openPostgres(t, url)
	p := process{s, directory.New(s, secrets, time.Now), session.New(s, secrets, time.Now, session.Options{})}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { p.sessions.Follow(ctx, func(err error) { t.Error(err) }) })
	t.Cleanup(func() { stop(); wg.Wait() })
	return p
}

// How long a session that one process has ended still gets in at another one: at most a poll, and what a poll takes.
func TestPostgresEndsSessionsElsewhere(t *testing.T) {
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
	took := make([]time.Duration, 50)
	var wg sync.WaitGroup
	for i := range took {
		wg.Go(func() {
			var err error
			if took[i], err = outlives(t.Context(), here, there, org, i); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	t.Logf("a session that has ended elsewhere is refused after %s at the least, %s in the middle, %s at the most",
		took[0], took[len(took)/2], took[len(took)-1])
	if worst := took[len(took)-1]; worst > 2*time.Second {
		t.Errorf("%s is too long", worst)
	}
}

// outlives ends a session in one process, at some time of the other's polls, and returns for how long that one lets it in.
func outlives(ctx context.Context, here, there process, org directory.Organization, i int) (time.Duration, error) {
	email, other := fmt.Sprintf("%d@example.com", i), fmt.Sprintf("other%d@example.com", i)
	c, err := here.people.CreateCustomer(ctx, org, directory.NewCustomer{Type: directory.Individual, Email: &email})
	if err != nil {
		return 0, err
	}
	holder, err := here.people.Holder(ctx, org, directory.HolderRef{Customer: c.ID})
	if err != nil {
		return 0, err
	}
	made, err := here.sessions.Create(ctx, login.Grant(org, holder, ""))
	if err != nil {
		return 0, err
	}
	time.Sleep(rand.N(time.Second))
	if _, err := there.sessions.Verify(ctx, made.Token); err != nil {
		return 0, fmt.Errorf("a live session: %w", err)
	}
	if _, err := here.people.ChangeCustomer(ctx, org, c.ID, directory.CustomerChange{Email: &other}); err != nil {
		return 0, err
	}
	ended := time.Now()
	if _, err := here.sessions.Verify(ctx, made.Token); !fault.Is(err, fault.InvalidToken) {
		return 0, fmt.Errorf("where it was ended: %w", err)
	}
	for err = nil; err == nil; time.Sleep(time.Millisecond) {
		_, err = there.sessions.Verify(ctx, made.Token)
	}
	took := time.Since(ended)
	if fault.Is(err, fault.InvalidToken) {
		err = nil
	}
	return took, err
}
