package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/postern-go/postern/polar"
)

type introspectCommand struct {
	Server string `default:"http://127.0.0.1:8787" placeholder:"URL" help:"URL of the server. https://api.polar.sh is Polar's own server. Default: ${default}."`
	printing
	Token string `arg:"" optional:"" help:"Token of the session. - reads the token from standard input, so that other users do not see it in the list of processes. Default: $$POLAR_CUSTOMER_SESSION."`
}

// Exit statuses of introspect and revoke.
const (
	notLive = exitCode(1)
	failed  = exitCode(2)
)

// maxInput is the maximum number of bytes that are read from standard input. Every token is shorter.
const maxInput = 4096

func (c *introspectCommand) Run(ctx context.Context, s streams) error {
	session, err := c.introspect(ctx, s.in)
	if err != nil && !errors.Is(err, polar.ErrUnauthorized) {
		fmt.Fprintln(s.err, "postern:", err)
		return failed
	}
	if err := c.print(s, newLiveness(session)); err != nil {
		return err
	}
	if session == nil {
		return notLive
	}
	return nil
}

func (c *introspectCommand) introspect(ctx context.Context, in io.Reader) (*polar.CustomerCustomerSession, error) {
	token, err := c.token(in)
	if err != nil {
		return nil, err
	}
	core, err := polar.NewCore(polar.WithServerURL(c.Server))
	if err != nil {
		return nil, err
	}
	return polar.IntrospectCustomerSession(ctx, core, polar.SecurityFor(token))
}

func (c *introspectCommand) token(in io.Reader) (string, error) {
	token := c.Token
	switch token {
	case "-":
		var err error
		if token, err = readToken(in); err != nil {
			return "", err
		}
	case "":
		token = os.Getenv("POLAR_CUSTOMER_SESSION")
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", errors.New("no token: pass it as the argument, on standard input with -, or in POLAR_CUSTOMER_SESSION")
	}
	return token, nil
}

// readToken reads a token from standard input.
func readToken(in io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxInput))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return string(b), nil
}

// liveness reports whether a session is live. ExpiresAt and ReturnURL are nil if it is not.
type liveness struct {
	Live      bool       `json:"live"`
	ExpiresAt *time.Time `json:"expires_at"`
	ReturnURL *string    `json:"return_url"`
}

// newLiveness returns the liveness of a session, which is nil if it is not live.
func newLiveness(session *polar.CustomerCustomerSession) liveness {
	if session == nil {
		return liveness{}
	}
	return liveness{true, &session.ExpiresAt, session.ReturnURL}
}

func (l liveness) text(out io.Writer) error {
	if !l.Live {
		_, err := fmt.Fprintln(out, "not live")
		return err
	}
	returnURL := "none"
	if l.ReturnURL != nil {
		returnURL = *l.ReturnURL
	}
	_, err := fmt.Fprintf(out, "live until  %s (in %s)\nreturn URL  %s\n", l.ExpiresAt.UTC().Format(time.RFC3339),
		time.Until(*l.ExpiresAt).Round(time.Second), returnURL)
	return err
}
