package main

import (
	"context"
	"fmt"

	"github.com/postern-go/postern"
)

// organizationCommands work on the store itself: a data directory that a server has open must be let go first. On a database,
// the servers know of it within a second.
type organizationCommands struct {
	Settings settingsCommand `cmd:"" help:"Show or change what an organization is called, what its pages look like, and where they lead. An empty value is the default."`
	Block    blockCommand    `cmd:"" help:"Block an organization: its access tokens and its sessions end, and nobody logs in."`
	Unblock  unblockCommand  `cmd:"" help:"Let a blocked organization go on. Its access tokens work again; its sessions stay ended."`
}

type blockCommand struct{ ofOrganization }

func (c *blockCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		if err := p.BlockOrganization(ctx, c.Organization, true); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, "blocked")
		return err
	})
}

type unblockCommand struct{ ofOrganization }

func (c *unblockCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		if err := p.BlockOrganization(ctx, c.Organization, false); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.out, "goes on")
		return err
	})
}
