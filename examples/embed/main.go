// Command embed runs a Postern server inside another program, on the same port as the program's own routes.
//
//	go run ./examples/embed /tmp/embed-data
//
// The argument is a directory for the data. On its first start the program prints an access token for the organization "acme".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/postern-go/postern"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) != 2 {
		log.Fatal("usage: embed DATA_DIRECTORY")
	}
	if err := run(ctx, os.Args[1], "127.0.0.1:3000"); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, dir, addr string) error {
	server, err := open(ctx, postern.Config{DataDir: dir, PublicURL: "http://" + addr, Log: slog.Default(), Mail: postern.Mail{Deliver: printMail}})
	if err != nil {
		return err
	}
	defer server.Close()
	web := http.Server{Addr: addr, Handler: handler(server.Handler()), ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		server.Drain() // ends revocation streams, which Shutdown would wait for
		stopped <- web.Shutdown(context.Background())
	}()
	if err := web.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// printMail prints a mail instead of sending it. A real program passes the message to a mail provider, or sets Mail.SMTPURL.
func printMail(_ context.Context, m postern.Message) error {
	_, err := fmt.Printf("mail to %s: %s\n\n%s\n", m.To.Address, m.Subject, m.Text)
	return err
}

// open opens the server. On the first start it also creates the store, and an organization with an access token.
func open(ctx context.Context, config postern.Config) (*postern.Server, error) {
	server, err := postern.Open(ctx, config)
	if !errors.Is(err, postern.ErrNoStore) {
		return server, err
	}
	if err := postern.Init(ctx, config); err != nil {
		return nil, err
	}
	if server, err = postern.Open(ctx, config); err != nil {
		return nil, err
	}
	acme, err := server.CreateOrganization(ctx, postern.NewOrganization{Slug: "acme", Name: "Acme"})
	if err != nil {
		server.Close()
		return nil, err
	}
	log.Print("access token of acme: ", acme.AccessToken)
	return server, nil
}

// handler serves the program's own routes. The Postern server handles all other requests.
func handler(server http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the shop\n") })
	mux.Handle("/", server)
	return mux
}
