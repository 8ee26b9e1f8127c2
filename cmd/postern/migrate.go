package main

import (
	"context"
	"fmt"

	"github.com/postern-go/postern"
)

// migrateCommand updates the schema for servers whose database role is not allowed to do so.
type migrateCommand struct {
	DatabaseURL string `name:"database-url" required:"" placeholder:"URL" help:"PostgreSQL database of the store, with a role that owns the schema."`
}

func (c *migrateCommand) Run(ctx context.Context, s streams) error {
	if err := postern.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, "the schema is up to date")
	return err
}
