package main

import (
	"context"
	"fmt"
	"io"

	"github.com/postern-go/postern"
)

// organizationCommands change the store directly. A server that has opened the data directory must be stopped first. Servers
// that share a database apply the change within a second.
type organizationCommands struct {
	Settings settingsCommand `cmd:"" help:"Show or change the name of an organization, the appearance of its pages and the hosts that the pages may link to. An empty value restores the default."`
	Block    blockCommand    `cmd:"" help:"Block an organization: its access tokens are refused, its customers cannot log in, and its sessions end."`
	Unblock  unblockCommand  `cmd:"" help:"Unblock an organization: its access tokens work again. Sessions that have ended stay ended."`
}

type blockCommand struct {
	ofOrganization
	printing
}

func (c *blockCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		if err := p.BlockOrganization(ctx, c.Organization, true); err != nil {
			return err
		}
		return c.print(s, organizationState{c.Organization, true})
	})
}

type unblockCommand struct {
	ofOrganization
	printing
}

func (c *unblockCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		if err := p.BlockOrganization(ctx, c.Organization, false); err != nil {
			return err
		}
		return c.print(s, organizationState{c.Organization, false})
	})
}

// organizationState reports whether an organization is blocked. Organization is its slug.
type organizationState struct {
	Organization string `json:"organization"`
	Blocked      bool   `json:"blocked"`
}

func (o organizationState) text(out io.Writer) error {
	state := "unblocked"
	if o.Blocked {
		state = "blocked"
	}
	_, err := fmt.Fprintln(out, state)
	return err
}
