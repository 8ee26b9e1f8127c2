package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/postern-go/postern"
)

// revokeCommand revokes a leaked token. It finds the kind and the organization of the token itself.
type revokeCommand struct {
	backend
	Token string `arg:"" help:"Token of any kind. - reads the token from standard input, so that other users do not see it in the list of processes."`
	printing
}

// unknownToken is the exit status if the store does not know the token.
const unknownToken = exitCode(1)

func (c *revokeCommand) Run(ctx context.Context, s streams) error {
	known, err := c.revoke(ctx, s.in)
	if err != nil {
		fmt.Fprintln(s.err, "postern:", err)
		return failed
	}
	if err := c.print(s, revocation{known}); err != nil || known {
		return err
	}
	return unknownToken
}

// revocation reports whether the store knows the token, which is then revoked.
type revocation struct {
	Revoked bool `json:"revoked"`
}

func (r revocation) text(out io.Writer) error {
	state := "unknown"
	if r.Revoked {
		state = "revoked"
	}
	_, err := fmt.Fprintln(out, state)
	return err
}

func (c *revokeCommand) revoke(ctx context.Context, in io.Reader) (known bool, err error) {
	token := c.Token
	if token == "-" {
		if token, err = readToken(in); err != nil {
			return false, err
		}
	}
	p, err := postern.Open(ctx, c.config())
	if err != nil {
		return false, err
	}
	known, err = p.RevokeToken(ctx, strings.TrimSpace(token))
	return known, errors.Join(err, p.Close())
}
