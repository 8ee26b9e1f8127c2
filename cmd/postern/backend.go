package main

import "github.com/postern-go/postern"

// backend are the flags that say where things are kept.
type backend struct {
	Data        string   `placeholder:"DIR" xor:"backend" help:"Directory of the store."`
	DatabaseURL string   `name:"database-url" placeholder:"URL" xor:"backend" help:"PostgreSQL database of the store, postgres://user:password@host:5432/name; several servers may share it."`
	Secrets     []string `placeholder:"SECRET,..." help:"With --database-url: what tokens are hashed with, the same on every server; the first signs, all verify. Set it in the environment, where nobody reads it along."`
}

func (b backend) config() postern.Config {
	return postern.Config{DataDir: b.Data, DatabaseURL: b.DatabaseURL, Secrets: b.Secrets}
}

// flags are the flags again, for commands that are shown to be copied. A database is named by its variable, because its URL
// holds a password.
func (b backend) flags() string {
	if b.Data != "" {
		return "--data " + b.Data
	}
	return `--database-url "$POSTERN_DATABASE_URL"`
}
