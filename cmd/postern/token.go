package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/postern-go/postern"
)

// tokenCommands are those of access tokens. They work on the store itself: a data directory that a server has open is asked
// through the server's API instead (/v1/organization-access-tokens/).
type tokenCommands struct {
	Create tokenCreateCommand `cmd:"" help:"Make an access token. It is shown once."`
	List   tokenListCommand   `cmd:"" help:"List the access tokens of an organization."`
	Update tokenUpdateCommand `cmd:"" help:"Change the scopes or the comment of an access token."`
	Revoke tokenRevokeCommand `cmd:"" help:"End an access token at once."`
}

// ofOrganization says which organization is meant, and where it is kept.
type ofOrganization struct {
	backend
	Organization string `required:"" placeholder:"SLUG" help:"The organization, by its name in URLs."`
}

// with opens the store for f.
func (t ofOrganization) with(ctx context.Context, f func(p *postern.Server) error) error {
	p, err := postern.Open(ctx, t.config())
	if err != nil {
		return err
	}
	return errors.Join(f(p), p.Close())
}

type tokenCreateCommand struct {
	ofOrganization
	Comment   string        `placeholder:"TEXT" help:"What the token is for."`
	Scopes    []string      `placeholder:"SCOPE" help:"What the token may do; without it, everything."`
	ExpiresIn time.Duration `placeholder:"DURATION" help:"How long the token lives, such as 720h; without it, for ever."`
	JSON      bool          `name:"json" help:"Print JSON."`
}

func (c *tokenCreateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.CreateAccessToken(ctx, c.Organization, postern.NewAccessToken{Comment: c.Comment, Scopes: c.Scopes, ExpiresIn: c.ExpiresIn})
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(s.out).Encode(map[string]string{"id": t.ID, "organization_id": t.OrganizationID, "access_token": t.Token})
		}
		_, err = fmt.Fprintf(s.out, "access token  %s\nid            %s\n\nThe token is not shown again.\n", t.Token, t.ID)
		return err
	})
}

type tokenListCommand struct {
	ofOrganization
}

func (c *tokenListCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		tokens, err := p.AccessTokens(ctx, c.Organization)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tCREATED\tLAST USED\tEXPIRES\tCOMMENT\tSCOPES")
		for _, t := range tokens {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.CreatedAt.Format(time.RFC3339), when(t.LastUsedAt), when(t.ExpiresAt),
				strings.Join(strings.Fields(t.Comment), " "), strings.Join(t.Scopes, " "))
		}
		return table.Flush()
	})
}

func when(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format(time.RFC3339)
}

type tokenUpdateCommand struct {
	ofOrganization
	ID      string   `arg:"" help:"The id of the access token, as list shows it."`
	Scopes  []string `placeholder:"SCOPE" help:"What the token may do from now on."`
	Comment *string  `placeholder:"TEXT" help:"What the token is for."`
}

func (c *tokenUpdateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.ChangeAccessToken(ctx, c.Organization, c.ID, c.Scopes, c.Comment)
		if err == nil {
			_, err = fmt.Fprintf(s.out, "%s  %s  %s\n", t.ID, t.Comment, strings.Join(t.Scopes, " "))
		}
		return err
	})
}

type tokenRevokeCommand struct {
	ofOrganization
	ID string `arg:"" help:"The id of the access token, as list shows it."`
}

func (c *tokenRevokeCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		err := p.RevokeAccessToken(ctx, c.Organization, c.ID)
		if err == nil {
			_, err = fmt.Fprintln(s.out, "revoked")
		}
		return err
	})
}
