package main

import (
	"context"
	"fmt"

	"github.com/postern-go/postern"
)

// organizationCommands change the store directly. A server that has opened the data directory must be stopped first. Servers
// that share a database apply the change within a second.
type organizationCommands struct {
	Settings settingsCommand `cmd:"" help:"Show or change the name of an organization, the appearance of its pages and the hosts that the pages may link to. An empty value restores the default."`
	Block    blockCommand    `cmd:"" help:"Block an organization: its access tokens are refused, its customers cannot log in, and its sessions end."`
	Unblock  unblockCommand  `cmd:"" help:"Unblock an organization: its access tokens work again. Sessions that have ended stay ended."`
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
		_, err := fmt.Fprintln(s.out, "unblocked")
		return err
	})
}
