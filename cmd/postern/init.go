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
	Organization string `required:"" placeholder:"SLUG" help:"Name of the organization in URLs, such as acme."`
	Name         string `placeholder:"NAME" help:"Name of the organization for people; the slug when not given."`
	MemberModel  bool   `default:"true" negatable:"" help:"Give sessions to members of customers (polar_mst_), as Polar does for every newer organization; without it, to customers (polar_cst_)."`
	EmailChange  bool   `default:"true" negatable:"" help:"Let customers change their email address in the portal."`
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

The token is not shown again. Keep it where your servers keep their secrets, and then:

  postern serve %s --public-url https://portal.example.com
`, org.Slug, org.ID, org.AccessToken, c.flags())
	return err
}
