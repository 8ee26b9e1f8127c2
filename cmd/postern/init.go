package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/postern-go/postern"
)

type initCommand struct {
	backend
	Organization string `required:"" placeholder:"SLUG" help:"Slug of the organization, which identifies it in URLs, such as acme."`
	Name         string `placeholder:"NAME" help:"Display name of the organization. Default: the slug."`
	MemberModel  bool   `default:"true" negatable:"" help:"Issue sessions to members of customers (polar_mst_), as Polar does for newer organizations. With --no-member-model, sessions are issued to customers (polar_cst_)."`
	EmailChange  bool   `default:"true" negatable:"" help:"Allow customers to change their email address in the portal."`
	printing
}

func (c *initCommand) Run(ctx context.Context, s streams) error {
	if err := postern.Init(ctx, c.config()); err != nil {
		return err
	}
	p, err := postern.Open(ctx, c.config())
	if err != nil {
		return err
	}
	org, err := p.CreateOrganization(ctx, postern.NewOrganization{
		Slug: c.Organization, Name: c.Name, WithoutMembers: !c.MemberModel, WithoutEmailChange: !c.EmailChange,
	})
	if err = errors.Join(err, p.Close()); err != nil {
		return err
	}
	return c.print(s, newOrganization{org.ID, org.Slug, org.AccessToken, c.flags()})
}

// newOrganization is a new organization with its first access token.
type newOrganization struct {
	ID          string `json:"organization_id"`
	Slug        string `json:"organization_slug"`
	AccessToken string `json:"access_token"`
	// store holds the flags that select the store.
	store string
}

func (o newOrganization) text(out io.Writer) error {
	_, err := fmt.Fprintf(out, `organization  %s  %s
access token  %s

The token is not shown again. Store it with the other secrets of your application. Start the server:

  postern serve %s --public-url https://portal.example.com
`, o.Slug, o.ID, o.AccessToken, o.store)
	return err
}
