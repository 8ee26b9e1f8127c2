package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/server"
)

// secretCommands manage the secrets with which tokens are hashed. For a data directory, the secrets are in a file next to the
// store. For a database, each server reads the secrets from an environment variable, and these commands print the new value of
// the variable.
type secretCommands struct {
	List   secretListCommand   `cmd:"" help:"List the IDs of the secrets and the number of live sessions and access tokens that depend on each."`
	Rotate secretRotateCommand `cmd:"" help:"Add a new secret that signs new tokens. The other secrets still verify tokens, so no session ends."`
	Retire secretRetireCommand `cmd:"" help:"Remove a secret that no longer signs new tokens, and end the sessions and access tokens that depend on it."`
}

type secretListCommand struct{ backend }

func (c *secretListCommand) Run(ctx context.Context, s streams) error {
	secrets, err := postern.Secrets(ctx, c.config())
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tUSE\tSESSIONS\tACCESS TOKENS")
	for _, secret := range secrets {
		use := "verifies"
		if secret.Signs {
			use = "signs"
		}
		if secret.Missing {
			use = "missing"
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\n", secret.ID, use, secret.Sessions, secret.AccessTokens)
	}
	return table.Flush()
}

type secretRotateCommand struct{ backend }

func (c *secretRotateCommand) Run(s streams) error {
	switch {
	case c.Data != "":
		added, err := postern.RotateSecret(c.Data)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "Secret %s signs new tokens. The other secrets still verify.\n"+
			"Restart the server if it is running. Until then it signs with the previous secret.\n", added.ID)
		return err
	case c.DatabaseURL != "":
		return c.explain(s)
	}
	return errors.New("configure either a data directory (--data) or a database (--database-url)")
}

// explain prints the changes to make on the servers of a database. Their order ensures that every server can always verify the
// tokens that the others issue.
func (c *secretRotateCommand) explain(s streams) error {
	old := c.config().Secrets
	if len(old) == 0 {
		return errors.New("set " + secretsVariable + " to the current secrets")
	}
	added := postern.NewSecret()
	_, err := fmt.Fprintf(s.out, `1. Set this on every server and restart the servers one after the other. The new secret verifies, but does not sign yet:

   %[1]s=%[2]s

2. After all servers have restarted, set this on every server and restart them again. The new secret signs:

   %[1]s=%[3]s

3. When no session depends on the old secret anymore (see postern secret list), or to end these sessions: postern secret retire ID.

Store the new secret as safely as the old ones. It is not shown again.
`, secretsVariable, strings.Join(append(old, added), ","), strings.Join(append([]string{added}, old...), ","))
	return err
}

type secretRetireCommand struct {
	backend
	ID    string `arg:"" help:"ID of the secret. postern secret list shows the IDs."`
	Force bool   `help:"Retire the secret even if live sessions or access tokens depend on it. These sessions and access tokens end."`
}

func (c *secretRetireCommand) Run(ctx context.Context, s streams) error {
	config := c.config()
	retired, err := postern.RetireSecret(ctx, config, c.ID, c.Force)
	if errors.Is(err, postern.ErrSecretInUse) {
		return fmt.Errorf("%w; wait until they expire, or end them with --force", err)
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.out, "retired %s: %d sessions and %d access tokens ended\n", retired.ID, retired.Sessions, retired.AccessTokens); err != nil {
		return err
	}
	if c.Data != "" {
		return nil
	}
	remaining, err := server.RemoveSecret(config.Secrets, retired.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "\nSet this on every server and restart the servers one after the other:\n\n   %s=%s\n", secretsVariable, strings.Join(remaining, ","))
	return err
}
