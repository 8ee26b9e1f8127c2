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

// secretCommands are those of the secrets that tokens are hashed with. The secrets of a data directory are in a file beside
// the store; those of a database are in the environment of every server, and these commands say what to set there.
type secretCommands struct {
	List   secretListCommand   `cmd:"" help:"List the secrets by name, and how many live sessions and access tokens depend on each."`
	Rotate secretRotateCommand `cmd:"" help:"Make a new secret that signs from now on. The others stay active: nobody is logged out."`
	Retire secretRetireCommand `cmd:"" help:"Take a secret away that signs no more."`
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
		made, err := postern.RotateSecret(c.Data)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "The secret %s signs from now on; the others still verify.\n"+
			"Restart a server that is running: until then it signs with the secret before.\n", made.ID)
		return err
	case c.DatabaseURL != "":
		return c.explain(s)
	}
	return errors.New("name either a data directory (--data) or a database (--database-url)")
}

// explain says what to set for a database, in an order in which no server ever meets a token that it cannot check.
func (c *secretRotateCommand) explain(s streams) error {
	old := c.config().Secrets
	if len(old) == 0 {
		return errors.New("set " + secretsVariable + " to the secrets as they are now")
	}
	made := postern.NewSecret()
	_, err := fmt.Fprintf(s.out, `1. Set this on every server, and restart one after the other. The new secret verifies, and does not sign yet:

   %[1]s=%[2]s

2. When all of them have it, set this on every server, and restart one after the other. The new secret signs:

   %[1]s=%[3]s

3. When no session depends on an old one any more (postern secret list), or when you want those to end: postern secret retire ID.

Keep the new secret as safe as the old ones. It is not shown again.
`, secretsVariable, strings.Join(append(old, made), ","), strings.Join(append([]string{made}, old...), ","))
	return err
}

type secretRetireCommand struct {
	backend
	ID    string `arg:"" help:"The name of the secret, as list shows it."`
	Force bool   `help:"Retire it although live sessions or access tokens depend on it; they end."`
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
	if _, err := fmt.Fprintf(s.out, "retired %s: %d sessions and %d access tokens have ended\n", retired.ID, retired.Sessions, retired.AccessTokens); err != nil {
		return err
	}
	if c.Data != "" {
		return nil
	}
	remaining, err := server.RemoveSecret(config.Secrets, retired.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "\nSet this on every server, and restart one after the other:\n\n   %s=%s\n", secretsVariable, strings.Join(remaining, ","))
	return err
}
