package postern_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/polar"
)

// openExample opens a server with the organization acme in a temporary directory. done closes the server.
func openExample(ctx context.Context) (s *postern.Server, acme postern.Organization, done func()) {
	dir, err := os.MkdirTemp("", "postern-example-")
	check(err)
	config := postern.Config{DataDir: dir}
	check(postern.Init(ctx, config))
	s, err = postern.Open(ctx, config)
	check(err)
	acme, err = s.CreateOrganization(ctx, postern.NewOrganization{Slug: "acme", Name: "Acme"})
	check(err)
	return s, acme, func() {
		check(s.Close())
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// An application serves the API and the customer portal beside its own routes, and creates a session with the Go client.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "postern-example-")
	check(err)
	defer os.RemoveAll(dir)

	config := postern.Config{DataDir: dir, PublicURL: "https://portal.example.com"}
	check(postern.Init(ctx, config))
	s, err := postern.Open(ctx, config)
	check(err)
	defer s.Close()
	acme, err := s.CreateOrganization(ctx, postern.NewOrganization{Slug: "acme", Name: "Acme"})
	check(err)

	mux := http.NewServeMux()
	mux.HandleFunc("/about", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Acme Inc.") })
	mux.Handle("/", s.Handler())
	web := httptest.NewServer(mux)
	defer web.Close()

	client, err := polar.New(polar.WithServerURL(web.URL), polar.WithAccessToken(acme.AccessToken))
	check(err)
	customer, err := client.Customers.Create(ctx, polar.CustomerIndividualCreate{Email: "ada@example.com"})
	check(err)
	session, err := client.CustomerSessions.Create(ctx, polar.CustomerSessionCreate{Customer: customer.ID})
	check(err)
	link, _, _ := strings.Cut(session.CustomerPortalURL, "?")
	fmt.Println(link)
	// Output: https://portal.example.com/acme/portal
}

// If the data directory has no store, the program creates one.
func ExampleInit() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "postern-example-")
	check(err)
	defer os.RemoveAll(dir)
	config := postern.Config{DataDir: dir}

	s, err := postern.Open(ctx, config)
	if errors.Is(err, postern.ErrNoStore) {
		fmt.Println("creating a store")
		check(postern.Init(ctx, config))
		s, err = postern.Open(ctx, config)
	}
	check(err)
	defer s.Close()
	fmt.Println("open")
	// Output:
	// creating a store
	// open
}

// Several servers share a PostgreSQL database and its secrets.
func ExampleOpen_postgreSQL() {
	ctx := context.Background()
	s, err := postern.Open(ctx, postern.Config{
		DatabaseURL: os.Getenv("DATABASE_URL"),
		Secrets:     strings.Split(os.Getenv("POSTERN_SECRETS"), ","),
		PublicURL:   "https://portal.example.com",
	})
	check(err)
	defer s.Close()
}

// A deployment updates the schema with a database role that owns it. The servers run with a role that only reads and writes.
func ExampleMigrate() {
	check(postern.Migrate(context.Background(), os.Getenv("OWNER_DATABASE_URL")))
}

func ExampleVersion() {
	fmt.Println(strings.Count(postern.Version(), ".") >= 2)
	// Output: true
}

func ExampleNewSecret() {
	fmt.Println(len(postern.NewSecret()) >= 32)
	// Output: true
}

func ExampleServer_Handler() {
	s, _, done := openExample(context.Background())
	defer done()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 200 {"status":"ok"}
}

// Revocation streams would keep Shutdown waiting. Drain ends them.
func ExampleServer_Drain() {
	s, _, done := openExample(context.Background())
	defer done()
	web := &http.Server{Handler: s.Handler()}
	web.RegisterOnShutdown(s.Drain)
	// later, when the program stops:
	fmt.Println(web.Shutdown(context.Background()))
	// Output: <nil>
}

func ExampleServer_CreateOrganization() {
	ctx := context.Background()
	s, _, done := openExample(ctx)
	defer done()
	org, err := s.CreateOrganization(ctx, postern.NewOrganization{Slug: "globex", Name: "Globex"})
	check(err)
	fmt.Println(org.Slug, strings.HasPrefix(org.AccessToken, "polar_oat_"))
	_, err = s.CreateOrganization(ctx, postern.NewOrganization{Slug: "Not A Slug"})
	fmt.Println(err != nil)
	// Output:
	// globex true
	// true
}

// While an organization is blocked, its access tokens are refused.
func ExampleServer_BlockOrganization() {
	ctx := context.Background()
	s, acme, done := openExample(ctx)
	defer done()
	status := func() int {
		r := httptest.NewRequest("GET", "/v1/customers/", nil)
		r.Header.Set("Authorization", "Bearer "+acme.AccessToken)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	check(s.BlockOrganization(ctx, "acme", true))
	fmt.Println(status())
	check(s.BlockOrganization(ctx, "acme", false))
	fmt.Println(status())
	// Output:
	// 401
	// 200
}

func ExampleServer_ChangeOrganizationSettings() {
	ctx := context.Background()
	s, _, done := openExample(ctx)
	defer done()
	_, err := s.ChangeOrganizationSettings(ctx, "acme", func(settings *postern.OrganizationSettings) {
		settings.AccentColor = "#3366ff"
		settings.ReturnHosts = []string{"*.acme.example"}
	})
	check(err)
	settings, err := s.OrganizationSettings(ctx, "acme")
	check(err)
	fmt.Println(settings.Name, settings.AccentColor, settings.ReturnHosts)
	// Output: Acme #3366ff [*.acme.example]
}

func ExampleServer_CreateAccessToken() {
	ctx := context.Background()
	s, _, done := openExample(ctx)
	defer done()
	t, err := s.CreateAccessToken(ctx, "acme", postern.NewAccessToken{
		Comment: "support tool", Scopes: []string{"customers:read"}, ExpiresIn: 90 * 24 * time.Hour,
	})
	check(err)
	fmt.Println(strings.HasPrefix(t.Token, "polar_oat_"), t.Scopes)
	// Output: true [customers:read]
}

func ExampleServer_AccessTokens() {
	ctx := context.Background()
	s, _, done := openExample(ctx)
	defer done()
	_, err := s.CreateAccessToken(ctx, "acme", postern.NewAccessToken{Comment: "support tool"})
	check(err)
	tokens, err := s.AccessTokens(ctx, "acme")
	check(err)
	fmt.Println(len(tokens), tokens[1].Comment)
	// Output: 2 support tool
}

func ExampleServer_ChangeAccessToken() {
	ctx := context.Background()
	s, _, done := openExample(ctx)
	defer done()
	t, err := s.CreateAccessToken(ctx, "acme", postern.NewAccessToken{Comment: "support tool"})
	check(err)
	t, err = s.ChangeAccessToken(ctx, "acme", t.ID, []string{"customers:read"}, nil)
	check(err)
	fmt.Println(t.Comment, t.Scopes)
	// Output: support tool [customers:read]
}

func ExampleServer_RevokeAccessToken() {
	ctx := context.Background()
	s, _, done := openExample(ctx)
	defer done()
	t, err := s.CreateAccessToken(ctx, "acme", postern.NewAccessToken{})
	check(err)
	fmt.Println(s.RevokeAccessToken(ctx, "acme", t.ID))
	fmt.Println(s.RevokeAccessToken(ctx, "acme", t.ID) != nil)
	// Output:
	// <nil>
	// true
}

// A token was found in a public repository. The caller does not need to know what kind of token it is.
func ExampleServer_RevokeToken() {
	ctx := context.Background()
	s, acme, done := openExample(ctx)
	defer done()
	known, err := s.RevokeToken(ctx, acme.AccessToken)
	fmt.Println(known, err)
	known, err = s.RevokeToken(ctx, "not a token")
	fmt.Println(known, err)
	// Output:
	// true <nil>
	// false <nil>
}

// A new secret signs from the next start of the server on. The old one can be retired when nothing depends on it.
func ExampleRotateSecret() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "postern-example-")
	check(err)
	defer os.RemoveAll(dir)
	config := postern.Config{DataDir: dir}
	check(postern.Init(ctx, config))

	_, err = postern.RotateSecret(dir)
	check(err)
	secrets, err := postern.Secrets(ctx, config)
	check(err)
	for _, secret := range secrets {
		fmt.Printf("signs %t, %d sessions, %d access tokens\n", secret.Signs, secret.Sessions, secret.AccessTokens)
	}
	_, err = postern.RetireSecret(ctx, config, secrets[1].ID, false)
	fmt.Println(err)
	// Output:
	// signs true, 0 sessions, 0 access tokens
	// signs false, 0 sessions, 0 access tokens
	// <nil>
}

// RetireSecret does not end sessions and access tokens unless it is forced to.
func ExampleRetireSecret() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "postern-example-")
	check(err)
	defer os.RemoveAll(dir)
	config := postern.Config{DataDir: dir}
	check(postern.Init(ctx, config))
	s, err := postern.Open(ctx, config)
	check(err)
	_, err = s.CreateOrganization(ctx, postern.NewOrganization{Slug: "acme"})
	check(err)
	check(s.Close())
	_, err = postern.RotateSecret(dir)
	check(err)
	secrets, err := postern.Secrets(ctx, config)
	check(err)

	_, err = postern.RetireSecret(ctx, config, secrets[1].ID, false)
	fmt.Println(errors.Is(err, postern.ErrSecretInUse))
	retired, err := postern.RetireSecret(ctx, config, secrets[1].ID, true)
	fmt.Println(retired.AccessTokens, err)
	// Output:
	// true
	// 1 <nil>
}

// Mails are sent with the API of a mail provider instead of an SMTP server.
func ExampleMail() {
	config := postern.Config{Mail: postern.Mail{
		From: "Acme <login@acme.example>",
		Deliver: func(ctx context.Context, m postern.Message) error {
			err := sendWithProvider(ctx, m.From.String(), m.To.Address, m.Subject, m.Text, m.HTML)
			if errors.Is(err, errRejected) {
				return fmt.Errorf("%w: %w", postern.ErrUndeliverable, err)
			}
			return err // any other error: try again later
		},
	}}
	fmt.Println(errors.Is(config.Mail.Deliver(context.Background(), postern.Message{}), postern.ErrUndeliverable))
	// Output: true
}

var errRejected = errors.New("recipient rejected")

// sendWithProvider stands for the client of a mail provider.
func sendWithProvider(_ context.Context, _, to, _, _, _ string) error {
	if to == "" {
		return errRejected
	}
	return nil
}
