package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	printing
}

func (c *tokenCreateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.CreateAccessToken(ctx, c.Organization, postern.NewAccessToken{Comment: c.Comment, Scopes: c.Scopes, ExpiresIn: c.ExpiresIn})
		if err != nil {
			return err
		}
		return c.print(s, newToken{t.ID, t.OrganizationID, t.Token})
	})
}

// newToken is a new access token together with the token itself.
type newToken struct {
	ID             string `json:"id"`
	OrganizationID string `json:"organization_id"`
	AccessToken    string `json:"access_token"`
}

func (t newToken) text(out io.Writer) error {
	_, err := fmt.Fprintf(out, "access token  %s\nid            %s\n\nThe token is not shown again.\n", t.AccessToken, t.ID)
	return err
}

type tokenListCommand struct {
	ofOrganization
	printing
}

func (c *tokenListCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		tokens, err := p.AccessTokens(ctx, c.Organization)
		if err != nil {
			return err
		}
		list := tokenList{Items: make([]tokenRow, len(tokens))}
		for i, t := range tokens {
			list.Items[i] = newTokenRow(t)
		}
		return c.print(s, list)
	})
}

// tokenRow is an access token without the token itself. A token that the command line created has no parent.
type tokenRow struct {
	ID         string     `json:"id"`
	ParentID   *string    `json:"parent_id"`
	Comment    string     `json:"comment"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	ExpiresAt  *time.Time `json:"expires_at"`
}

func newTokenRow(t postern.AccessToken) tokenRow {
	return tokenRow{t.ID, orNull(t.ParentID), t.Comment, t.Scopes, t.CreatedAt, t.LastUsedAt, t.ExpiresAt}
}

func (t tokenRow) text(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%s  %s  %s\n", t.ID, t.Comment, strings.Join(t.Scopes, " "))
	return err
}

type tokenList struct {
	Items []tokenRow `json:"items"`
}

func (l tokenList) text(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tPARENT\tCREATED\tLAST USED\tEXPIRES\tCOMMENT\tSCOPES")
	for _, t := range l.Items {
		parent := "none"
		if t.ParentID != nil {
			parent = *t.ParentID
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, parent, t.CreatedAt.Format(time.RFC3339), when(t.LastUsedAt), when(t.ExpiresAt),
			strings.Join(strings.Fields(t.Comment), " "), strings.Join(t.Scopes, " "))
	}
	return table.Flush()
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
	printing
}

func (c *tokenUpdateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.ChangeAccessToken(ctx, c.Organization, c.ID, c.Scopes, c.Comment)
		if err != nil {
			return err
		}
		return c.print(s, newTokenRow(t))
	})
}

type tokenRotateCommand struct {
	ofOrganization
	ID      string        `arg:"" help:"ID of the access token. postern token list shows the IDs."`
	Overlap time.Duration `default:"${overlap}" placeholder:"DURATION" help:"How long the old token stays valid, at most ${overlap_max}. 0 ends it at once. Default: ${default}."`
	printing
}

func (c *tokenRotateCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		t, err := p.RotateAccessToken(ctx, c.Organization, c.ID, c.Overlap)
		if err != nil {
			return err
		}
		return c.print(s, newToken{t.ID, t.OrganizationID, t.Token})
	})
}

type tokenRevokeCommand struct {
	ofOrganization
	ID          string `arg:"" help:"ID of the access token. postern token list shows the IDs."`
	EndSessions bool   `help:"Also end the sessions that were created with these tokens."`
	printing
}

func (c *tokenRevokeCommand) Run(ctx context.Context, s streams) error {
	return c.with(ctx, func(p *postern.Server) error {
		revoke := p.RevokeAccessToken
		if c.EndSessions {
			revoke = p.RevokeAccessTokenWithSessions
		}
		if err := revoke(ctx, c.Organization, c.ID); err != nil {
			return err
		}
		return c.print(s, tokenRevoked{c.ID, c.EndSessions})
	})
}

type tokenRevoked struct {
	ID            string `json:"id"`
	SessionsEnded bool   `json:"sessions_ended"`
}

func (tokenRevoked) text(out io.Writer) error {
	_, err := fmt.Fprintln(out, "revoked")
	return err
}
