package main

import (
	"context"
	"fmt"
	"io"

	"github.com/postern-go/postern"
)

// migrateCommand updates the schema for servers whose database role is not allowed to do so.
type migrateCommand struct {
	DatabaseURL string `name:"database-url" required:"" placeholder:"URL" help:"PostgreSQL database of the store, with a role that owns the schema."`
	printing
}

func (c *migrateCommand) Run(ctx context.Context, s streams) error {
	if err := postern.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	return c.print(s, migrated{true})
}

type migrated struct {
	UpToDate bool `json:"up_to_date"`
}

func (migrated) text(out io.Writer) error {
	_, err := fmt.Fprintln(out, "the schema is up to date")
	return err
}
