package main

import (
	"os"
	"strings"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/server"
)

// backend are the flags that say where things are kept.
type backend struct {
	Data        string `placeholder:"DIR" xor:"backend" help:"Directory of the store."`
	DatabaseURL string `name:"database-url" placeholder:"URL" xor:"backend" help:"PostgreSQL database of the store, postgres://user:password@host:5432/name; several servers may share it. It needs POSTERN_SECRETS in the environment: one secret or, with commas, several, of 32 characters at least, the same on every server."`
}

// secretsVariable is in the environment alone: everybody on a machine can read a command line.
const secretsVariable = "POSTERN_SECRETS"

func (b backend) config() postern.Config {
	c := postern.Config{DataDir: b.Data, DatabaseURL: b.DatabaseURL}
	for secret := range strings.SplitSeq(os.Getenv(secretsVariable), ",") {
		if secret = strings.TrimSpace(secret); secret != "" {
			c.Secrets = append(c.Secrets, secret)
		}
	}
	return c
}

// server returns the configuration of a server on the store.
func (b backend) server() server.Config {
	c := b.config()
	return server.Config{DataDir: c.DataDir, DatabaseURL: c.DatabaseURL, Secrets: c.Secrets}
}

// flags are the flags again, for commands that are shown to be copied. A database is named by its variable, because its URL
// holds a password.
func (b backend) flags() string {
	if b.Data != "" {
		return "--data " + b.Data
	}
	return `--database-url "$POSTERN_DATABASE_URL"`
}
