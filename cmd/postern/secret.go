package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
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

type secretListCommand struct {
	backend
	printing
}

func (c *secretListCommand) Run(ctx context.Context, s streams) error {
	secrets, err := postern.Secrets(ctx, c.config())
	if err != nil {
		return err
	}
	list := secretList{Items: make([]secretRow, len(secrets))}
	for i, secret := range secrets {
		use := "verifies"
		if secret.Signs {
			use = "signs"
		}
		if secret.Missing {
			use = "missing"
		}
		list.Items[i] = secretRow{secret.ID, use, secret.Sessions, secret.AccessTokens}
	}
	return c.print(s, list)
}

// secretRow is a secret without its text. Use is signs, verifies or missing. Sessions and AccessTokens are the numbers of live ones
// that depend on the secret.
type secretRow struct {
	ID           string `json:"id"`
	Use          string `json:"use"`
	Sessions     int    `json:"sessions"`
	AccessTokens int    `json:"access_tokens"`
}

type secretList struct {
	Items []secretRow `json:"items"`
}

func (l secretList) text(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tUSE\tSESSIONS\tACCESS TOKENS")
	for _, secret := range l.Items {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\n", secret.ID, secret.Use, secret.Sessions, secret.AccessTokens)
	}
	return table.Flush()
}

type secretRotateCommand struct {
	backend
	printing
}

func (c *secretRotateCommand) Run(s streams) error {
	switch {
	case c.Data != "":
		added, err := postern.RotateSecret(c.Data)
		if err != nil {
			return err
		}
		return c.print(s, secretRotated{ID: added.ID, Environment: []string{}})
	case c.DatabaseURL != "":
		rotated, err := c.steps()
		if err != nil {
			return err
		}
		return c.print(s, rotated)
	}
	return errors.New("configure either a data directory (--data) or a database (--database-url)")
}

// steps returns a new secret for the servers of a database.
func (c *secretRotateCommand) steps() (r secretRotated, err error) {
	old := c.config().Secrets
	if len(old) == 0 {
		return r, errors.New("set " + secretsVariable + " to the current secrets")
	}
	added := postern.NewSecret()
	if r.ID, err = server.SecretID(added); err != nil {
		return r, err
	}
	r.Environment = []string{
		secretsVariable + "=" + strings.Join(append(slices.Clone(old), added), ","), secretsVariable + "=" + strings.Join(append([]string{added}, old...), ","),
	}
	return r, nil
}

// secretRotated is a new secret. Environment holds the values that the servers of a database need, one after the other: their order
// ensures that every server can always verify the tokens that the others issue. It is empty for a data directory.
type secretRotated struct {
	ID          string   `json:"id"`
	Environment []string `json:"environment"`
}

func (r secretRotated) text(out io.Writer) error {
	if len(r.Environment) == 0 {
		_, err := fmt.Fprintf(out, "Secret %s signs new tokens. The other secrets still verify.\n"+
			"Restart the server if it is running. Until then it signs with the previous secret.\n", r.ID)
		return err
	}
	_, err := fmt.Fprintf(out, `1. Set this on every server and restart the servers one after the other. The new secret verifies, but does not sign yet:

   %s

2. After all servers have restarted, set this on every server and restart them again. The new secret signs:

   %s

3. When no session depends on the old secret anymore (see postern secret list), or to end these sessions: postern secret retire ID.

Store the new secret as safely as the old ones. It is not shown again.
`, r.Environment[0], r.Environment[1])
	return err
}

type secretRetireCommand struct {
	backend
	ID    string `arg:"" help:"ID of the secret. postern secret list shows the IDs."`
	Force bool   `help:"Retire the secret even if live sessions or access tokens depend on it. These sessions and access tokens end."`
	printing
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
	r := secretRetired{ID: retired.ID, Sessions: retired.Sessions, AccessTokens: retired.AccessTokens}
	if c.Data == "" {
		remaining, err := server.RemoveSecret(config.Secrets, retired.ID)
		if err != nil {
			return err
		}
		r.Environment = orNull(secretsVariable + "=" + strings.Join(remaining, ","))
	}
	return c.print(s, r)
}

// secretRetired is a secret that was retired, with the numbers of sessions and access tokens that ended. Environment is the value
// that the servers of a database need from now on. It is nil for a data directory.
type secretRetired struct {
	ID           string  `json:"id"`
	Sessions     int     `json:"sessions"`
	AccessTokens int     `json:"access_tokens"`
	Environment  *string `json:"environment"`
}

func (r secretRetired) text(out io.Writer) error {
	_, err := fmt.Fprintf(out, "retired %s: %d sessions and %d access tokens ended\n", r.ID, r.Sessions, r.AccessTokens)
	if err != nil || r.Environment == nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nSet this on every server and restart the servers one after the other:\n\n   %s\n", *r.Environment)
	return err
}
