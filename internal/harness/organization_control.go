package harness

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/postern-go/postern"
)

// createOrganization makes an organization of its own for each test, so that tests which share a server do not meet.
func (c controls) createOrganization(r *http.Request) (int, any, error) {
	var in struct {
		Slug           string `json:"slug"`
		Name           string `json:"name"`
		WithoutMembers bool   `json:"without_members"`
	}
	if err := decode(r, &in); err != nil {
		return 0, nil, err
	}
	if in.Slug == "" {
		in.Slug = "test-" + strings.ToLower(rand.Text())
	}
	org, err := c.server.CreateOrganization(r.Context(), postern.NewOrganization{Slug: in.Slug, Name: in.Name, WithoutMembers: in.WithoutMembers})
	if err != nil {
		return 0, nil, invalid(err)
	}
	return http.StatusCreated, map[string]string{
		"organization_id": org.ID, "organization_slug": org.Slug, "access_token": org.AccessToken,
	}, nil
}
