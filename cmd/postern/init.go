package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/postern-go/postern"
)

type initCommand struct {
	backend
	Organization string `required:"" placeholder:"SLUG" help:"Slug of the organization, which identifies it in URLs, such as acme."`
	Name         string `placeholder:"NAME" help:"Display name of the organization. Default: the slug."`
	MemberModel  bool   `default:"true" negatable:"" help:"Issue sessions to members of customers (polar_mst_), as Polar does for newer organizations. With --no-member-model, sessions are issued to customers (polar_cst_)."`
	EmailChange  bool   `default:"true" negatable:"" help:"Allow customers to change their email address in the portal."`
	JSON         bool   `name:"json" help:"Print JSON."`
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
	if c.JSON {
		return json.NewEncoder(s.out).Encode(map[string]string{
			"organization_id": org.ID, "organization_slug": org.Slug, "access_token": org.AccessToken,
		})
	}
	_, err = fmt.Fprintf(s.out, `organization  %s  %s
access token  %s

The token is not shown again. Store it with the other secrets of your application. Start the server:

  postern serve %s --public-url https://portal.example.com
`, org.Slug, org.ID, org.AccessToken, c.flags())
	return err
}
