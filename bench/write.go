package main

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/login"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

const (
	writeRounds = 9
	// writes is how many rows a round keeps, and lonely how many it keeps one by one: enough to know what one costs.
	writes = 6400
	lonely = writes / 4
)

// creating, loggingIn and posting compare sessions that are made, by callers who all wait until theirs is on the disk, with
// two floors: the same rows in transactions of the same size, and a transaction for each.
func creating() ([]result, error)  { return onGrounds((*ground).creating) }
func loggingIn() ([]result, error) { return onGrounds((*ground).loggingIn) }
func posting() ([]result, error)   { return onGrounds((*ground).posting) }

// house is the inside of a Postern on a ground, with a customer.
type house struct {
	store    *store.Store
	secrets  *token.Secrets
	sessions *session.Service
	desk     *login.Service
	org      directory.Organization
	grant    session.Grant
}

func (g *ground) house(ctx context.Context) (*house, error) {
	s, err := g.open(ctx)
	if err != nil {
		return nil, err
	}
	secrets, err := token.NewSecrets(token.NewSecret())
	if err != nil {
		return nil, err
	}
	h := &house{store: s, secrets: secrets, sessions: session.New(s, secrets, time.Now, session.Options{})}
	dir := directory.New(s, secrets, time.Now)
	h.desk = login.New(login.Deps{Store: s, Directory: dir, Sessions: h.sessions, Secrets: secrets, PublicURL: &url.URL{}, Now: time.Now}, login.Options{})
	if h.org, _, err = dir.CreateOrganization(ctx, directory.NewOrganization{Slug: "inside", MemberModel: true}); err != nil {
		return nil, err
	}
	email := address
	c, err := dir.CreateCustomer(ctx, h.org, directory.NewCustomer{Email: &email})
	if err != nil {
		return nil, err
	}
	holder, err := dir.Holder(ctx, h.org, directory.HolderRef{Customer: c.ID})
	h.grant = login.Grant(h.org, holder, returnURL)
	return h, err
}

const (
	address   = "ada@example.com"
	returnURL = "https://example.com/account"
)

// creating is Create, without HTTP.
func (g *ground) creating(ctx context.Context) ([]result, error) {
	h, err := g.house(ctx)
	if err != nil {
		return nil, err
	}
	defer h.store.Close()
	return g.measure(ctx, "session creates", target{0.6, 4}, h.rows, func([]string) (float64, error) {
		return perSecond(writes, func(int) error {
			_, err := h.sessions.Create(ctx, h.grant)
			return err
		})
	})
}

// loggingIn is Authenticate, with a code that is used up.
func (g *ground) loggingIn(ctx context.Context) ([]result, error) {
	h, err := g.house(ctx)
	if err != nil {
		return nil, err
	}
	defer h.store.Close()
	return g.measure(ctx, "logins", target{}, h.codes, func(codes []string) (float64, error) {
		return perSecond(writes, func(i int) error {
			made, _, err := h.desk.Authenticate(ctx, login.Attempt{Code: codes[i]})
			if err == nil && made.ID.IsZero() {
				return errors.New("a good code opened nothing")
			}
			return err
		})
	})
}

// prepare makes rows that nobody has kept yet, and the codes that they use up, if they do.
type prepare func(ctx context.Context, n int) (rows []kept, codes []string, err error)

// target is what the ratios to the two floors should be; 0 is none.
type target struct{ together, alone float64 }

// measure does writes with all callers, and then the same on both floors with the group size that it saw.
func (g *ground) measure(ctx context.Context, what string, want target, prepare prepare,
	value func(codes []string) (perSecond float64, err error)) ([]result, error) {
	var values, togethers, alones, toTogether, toAlone, sizes []float64
	for range writeRounds {
		_, codes, err := prepare(ctx, writes)
		if err != nil {
			return nil, err
		}
		before, err := g.floor.commits(ctx)
		if err != nil {
			return nil, err
		}
		v, err := value(codes)
		if err != nil {
			return nil, err
		}
		after, err := g.floor.commits(ctx)
		if err != nil {
			return nil, err
		}
		size := max(1, int(float64(writes)/float64(after-before)+0.5))
		t, a, err := g.floors(ctx, size, prepare)
		if err != nil {
			return nil, err
		}
		values, togethers, alones, sizes = append(values, v), append(togethers, t), append(alones, a), append(sizes, float64(size))
		toTogether, toAlone = append(toTogether, v/t), append(toAlone, v/a)
	}
	name := fmt.Sprintf("%s, %s by %d callers a second", g.engine, what, callers)
	return []result{
		{Name: fmt.Sprintf("%s; floor: the same groups of %.0f", name, median(sizes)), Value: median(values), Floor: median(togethers),
			Ratio: median(toTogether), Target: want.together, Better: "higher"},
		{Name: name + "; floor: a commit for each", Value: median(values), Floor: median(alones),
			Ratio: median(toAlone), Target: want.alone, Better: "higher"},
	}, nil
}

// floors keeps rows on both floors: those that go together one group behind the other, those that go alone by all callers.
func (g *ground) floors(ctx context.Context, size int, prepare prepare) (together, alone float64, err error) {
	rows, _, err := prepare(ctx, writes+lonely)
	if err != nil {
		return 0, 0, err
	}
	grouped, single := rows[:writes], rows[writes:]
	began := time.Now()
	for group := range slices.Chunk(grouped, size) {
		if err := g.floor.together(ctx, group); err != nil {
			return 0, 0, err
		}
	}
	together = writes / time.Since(began).Seconds()
	alone, err = perSecond(lonely, func(i int) error { return g.floor.alone(ctx, single[i]) })
	return together, alone, err
}

// perSecond does everything from 0 to n, with all callers; the first error ends it.
func perSecond(n int, do func(i int) error) (float64, error) {
	began := time.Now()
	err := inParallel(n, do)
	return float64(n) / time.Since(began).Seconds(), err
}

// rows are sessions that nobody has kept yet.
func (h *house) rows(_ context.Context, n int) ([]kept, []string, error) {
	rows := make([]kept, n)
	for i := range rows {
		_, rows[i].Entry = h.sessions.Prepare(h.grant)
	}
	return rows, nil, nil
}

// codes are login codes that are good, with the sessions that they are good for.
func (h *house) codes(ctx context.Context, n int) ([]kept, []string, error) {
	rows, _, err := h.rows(ctx, n)
	texts := make([]string, n)
	if err == nil {
		err = inParallel(n, func(i int) error {
			code := token.MintCode(12)
			hash := h.secrets.CodeHashes(code)[0]
			texts[i], rows[i].code = code.Reveal(), hash[:]
			_, err := h.store.InsertCode(ctx, login.Code{Hash: hash, Organization: h.org.ID, Email: address, ExpiresAt: time.Now().Add(time.Hour)})
			return err
		})
	}
	return rows, texts, err
}

// posting is the whole route of creating, over the loopback and within this process.
func (g *ground) posting(ctx context.Context) ([]result, error) {
	h, err := g.house(ctx) // makes the rows of the floors
	if err != nil {
		return nil, err
	}
	if err := h.store.Close(); err != nil { // a directory has one owner
		return nil, err
	}
	p, err := postern.Open(ctx, g.config)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	org, err := p.CreateOrganization(ctx, postern.NewOrganization{Slug: "outside"})
	if err != nil {
		return nil, err
	}
	if _, err := post(p.Handler(), org.AccessToken, "/v1/customers/", `{"email":"`+address+`","external_id":"user_1"}`); err != nil {
		return nil, err
	}
	server := httptest.NewServer(p.Handler())
	defer server.Close()
	body := `{"external_customer_id":"user_1","return_url":"` + returnURL + `"}`
	l := loader{callers, func(b []byte, _ int64) []byte {
		b = append(b, "POST /v1/customer-sessions/ HTTP/1.1\r\nHost: postern\r\nContent-Type: application/json\r\nAuthorization: Bearer "...)
		b = append(b, org.AccessToken...)
		return fmt.Appendf(b, "\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}}
	return g.measure(ctx, "POST /v1/customer-sessions/", target{}, h.rows, func([]string) (float64, error) {
		return l.send(server.Listener.Addr().String(), writes)
	})
}
