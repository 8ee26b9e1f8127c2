package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/postern-go/postern"
)

// revokeCommand is for a token that has leaked: all that is known of it is the token itself.
type revokeCommand struct {
	backend
	Token string `arg:"" help:"A token of any kind; - reads it from standard input, which keeps it out of the list of processes."`
}

// notKnown is the exit status for what is no token of this store.
const notKnown = exitCode(1)

func (c *revokeCommand) Run(ctx context.Context, s streams) error {
	known, err := c.revoke(ctx, s.in)
	if err != nil {
		fmt.Fprintln(s.err, "postern:", err)
		return couldNotAsk
	}
	if !known {
		if _, err := fmt.Fprintln(s.out, "unknown"); err != nil {
			return err
		}
		return notKnown
	}
	_, err = fmt.Fprintln(s.out, "revoked")
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
