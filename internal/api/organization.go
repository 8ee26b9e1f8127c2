package api

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
)

// listOrganizations handles GET /v1/organizations/. An access token only sees its own organization.
func (a *api) listOrganizations(c *call) error {
	in, err := body.ReadOrganizationList(c.query())
	if err != nil {
		return err
	}
	own := []directory.Organization{c.subject.organization}
	if in.Slug != nil && !strings.EqualFold(*in.Slug, own[0].Slug) {
		own = nil
	}
	total := len(own)
	position, descending := after(in.Paging), len(in.Sorting) > 0 && in.Sorting[0].Descending
	switch key := c.subject.organization.ID.Key(); {
	case position == 0 && in.Page > 1, position != 0 && descending && key >= position, position != 0 && !descending && key <= position:
		own = nil
	}
	return answerList(c, own, total, in.Paging, a.shape(c).organization)
}

// getOrganization handles GET /v1/organizations/{id}.
func (a *api) getOrganization(c *call) error {
	if err := c.ownOrganization(); err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.shape(c).organization(c.subject.organization))
}

// getPortalOrganization handles GET /v1/customer-portal/organizations/{slug}.
func (a *api) getPortalOrganization(c *call) error {
	slug, err := body.PathText("slug", c.Param("slug"))
	if err != nil {
		return err
	}
	org, err := a.Directory.OrganizationBySlug(c.Context(), slug)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, a.shape(c).customerOrganization(org))
}
