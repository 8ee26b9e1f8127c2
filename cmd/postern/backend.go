package main

import (
	"os"
	"strings"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/server"
)

// backend holds the flags that select the store.
type backend struct {
	Data        string `placeholder:"DIR" xor:"backend" help:"Data directory of a SQLite store."`
	DatabaseURL string `name:"database-url" placeholder:"URL" xor:"backend" help:"PostgreSQL database of the store, such as postgres://user:password@host:5432/name. Several servers can share the database. Requires the environment variable POSTERN_SECRETS: one secret of at least 32 characters, or several separated by commas. All servers need the same secrets."`
}

// secretsVariable is an environment variable and not a flag, because every user of a machine can read command lines.
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

// flags returns the flags that select the same store, for commands that users copy. For a database, it returns the name of an
// environment variable instead of the URL, which contains a password.
func (b backend) flags() string {
	if b.Data != "" {
		return "--data " + b.Data
	}
	return `--database-url "$POSTERN_DATABASE_URL"`
}
