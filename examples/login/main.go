// Command login logs a customer in on the command line with a code that is sent by email.
//
//	POLAR_ORGANIZATION_ID=… go run ./examples/login ada@example.com
//
// Set POLAR_SERVER_URL to use a Postern server instead of Polar. The program needs no access token, so it can be given to customers.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"github.com/postern-go/postern/polar"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "login:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return errors.New("usage: login ada@example.com")
	}
	var options []polar.Option
	if url := os.Getenv("POLAR_SERVER_URL"); url != "" {
		options = append(options, polar.WithServerURL(url))
	}
	client, err := polar.New(options...)
	if err != nil {
		return err
	}
	token, err := login(ctx, client, terminal{bufio.NewReader(in), out}, polar.OrganizationID(os.Getenv("POLAR_ORGANIZATION_ID")), args[0])
	if err != nil {
		return err
	}
	who, err := client.CustomerPortal.CustomerSession.GetAuthenticatedUser(ctx, polar.SecurityFor(token))
	if err != nil {
		return err
	}
	// A real program would now store the token in the keychain of the operating system.
	fmt.Fprintf(out, "You are logged in as %s, customer %s.\n", who.Email, who.CustomerID)
	return nil
}

// login sends a login code to the email address, asks the customer for the code, and returns the token of the new session.
func login(ctx context.Context, client *polar.Client, t terminal, organization polar.OrganizationID, email string) (string, error) {
	sessions := client.CustomerPortal.CustomerSession
	request := polar.CustomerSessionCodeRequest{Email: email, OrganizationID: organization}
	err := sessions.Request(ctx, request)
	if request.CustomerID, err = t.choose(err); err == nil && request.CustomerID != "" { // Polar asks for the customer before it sends the code
		err = sessions.Request(ctx, request)
	}
	if err != nil {
		return "", err
	}
	code, err := t.ask("If " + email + " belongs to a customer, a code was sent there. Code: ")
	if err != nil {
		return "", err
	}
	in := polar.CustomerSessionCodeAuthenticate{Code: strings.ToUpper(code)}
	session, err := sessions.Authenticate(ctx, in)
	if in.CustomerID, err = t.choose(err); err == nil && in.CustomerID != "" { // Postern asks for the customer after it has checked the code
		session, err = sessions.Authenticate(ctx, in)
	}
	if errors.Is(err, polar.ErrUnauthorized) {
		return "", errors.New("the code is wrong, has expired or was already used; start again")
	}
	if err != nil {
		return "", err
	}
	return session.Token, nil
}

// terminal asks the customer questions.
type terminal struct {
	in  *bufio.Reader
	out io.Writer
}

func (t terminal) ask(question string) (string, error) {
	fmt.Fprint(t.out, question)
	line, err := t.in.ReadString('\n')
	if line = strings.TrimSpace(line); line == "" && err == nil {
		err = errors.New("no input")
	}
	if line != "" {
		err = nil
	}
	return line, err
}

// choose handles the error for an email address that belongs to several customers: it asks which customer to log in, and
// returns that customer's id. It returns any other error unchanged.
func (t terminal) choose(err error) (polar.CustomerID, error) {
	var refusal *polar.Error
	if !errors.Is(err, polar.ErrCustomerSelectionRequired) || !errors.As(err, &refusal) {
		return "", err
	}
	for i, c := range refusal.Customers {
		name := string(c.ID)
		if c.Name != nil {
			name = *c.Name
		}
		fmt.Fprintf(t.out, "%d  %s\n", i+1, name)
	}
	answer, err := t.ask("Which one? ")
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(answer)
	if err != nil || n < 1 || n > len(refusal.Customers) {
		return "", errors.New("the answer is not one of the numbers")
	}
	return refusal.Customers[n-1].ID, nil
}
