package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/postern-go/postern"
)

// tokenCommands manage access tokens in the store. They fail while a server has opened the data directory; use the server's API
// instead (/v1/organization-access-tokens/).
type tokenCommands struct {
	Create tokenCreateCommand `cmd:"" help:"Create an access token. It is shown only once."`
	List   tokenListCommand   `cmd:"" help:"List the access tokens of an organization."`
	Update tokenUpdateCommand `cmd:"" help:"Change the scopes or the comment of an access token."`
	Rotate tokenRotateCommand `cmd:"" help:"Replace an access token by a new one with the same parent and scopes."`
	Revoke tokenRevokeCommand `cmd:"" help:"Revoke an access token and the tokens that were created with it."`
}

// ofOrganization holds the flags that select an organization in a store.
type ofOrganization struct {
	backend
	Organization string `required:"" placeholder:"SLUG" help:"Slug of the organization."`
}

// with opens the store, calls f and closes the store.
func (t ofOrganization) with(ctx context.Context, f func(p *postern.Server) error) error {
	p, err := postern.Open(ctx, t.config())
	if err != nil {
		return err
	}
	return errors.Join(f(p), p.Close())
}

type tokenCreateCommand struct {
	ofOrganization
	Comment   string        `placeholder:"TEXT" help:"Purpose of the token."`
	Scopes    []string      `placeholder:"SCOPE" help:"Scopes of the token. Default: all scopes."`
	ExpiresIn time.Duration `placeholder:"DURATION" help:"Lifetime of the token, such as 720h. Default: the token does not expire."`
	JSON      bool          `name:"json" help:"Print JSON."`
}

func (c *tokenCreateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.CreateAccessToken(ctx, c.Organization, postern.NewAccessToken{Comment: c.Comment, Scopes: c.Scopes, ExpiresIn: c.ExpiresIn})
		if err != nil {
			return err
		}
		return printNewToken(s, t, c.JSON)
	})
}

// printNewToken prints an access token together with the token itself.
func printNewToken(s streams, t postern.AccessToken, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(s.out).Encode(map[string]string{"id": t.ID, "organization_id": t.OrganizationID, "access_token": t.Token})
	}
	_, err := fmt.Fprintf(s.out, "access token  %s\nid            %s\n\nThe token is not shown again.\n", t.Token, t.ID)
	return err
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
		fmt.Fprintln(table, "ID\tPARENT\tCREATED\tLAST USED\tEXPIRES\tCOMMENT\tSCOPES")
		for _, t := range tokens {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, cmp.Or(t.ParentID, "none"), t.CreatedAt.Format(time.RFC3339), when(t.LastUsedAt), when(t.ExpiresAt),
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
	ID      string   `arg:"" help:"ID of the access token. postern token list shows the IDs."`
	Scopes  []string `placeholder:"SCOPE" help:"New scopes of the token."`
	Comment *string  `placeholder:"TEXT" help:"New description of the purpose of the token."`
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

type tokenRotateCommand struct {
	ofOrganization
	ID      string        `arg:"" help:"ID of the access token. postern token list shows the IDs."`
	Overlap time.Duration `default:"24h" placeholder:"DURATION" help:"How long the old token stays valid, at most 168h. 0 ends it at once. Default: 24h."`
	JSON    bool          `name:"json" help:"Print JSON."`
}

func (c *tokenRotateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.RotateAccessToken(ctx, c.Organization, c.ID, c.Overlap)
		if err != nil {
			return err
		}
		return printNewToken(s, t, c.JSON)
	})
}

type tokenRevokeCommand struct {
	ofOrganization
	ID          string `arg:"" help:"ID of the access token. postern token list shows the IDs."`
	EndSessions bool   `help:"Also end the sessions that were created with these tokens."`
}

func (c *tokenRevokeCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		revoke := p.RevokeAccessToken
		if c.EndSessions {
			revoke = p.RevokeAccessTokenWithSessions
		}
		err := revoke(ctx, c.Organization, c.ID)
		if err == nil {
			_, err = fmt.Fprintln(s.out, "revoked")
		}
		return err
	})
}
