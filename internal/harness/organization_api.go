package harness

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/server"
)

// createOrganization creates an organization. Tests that share a server create an organization each.
func (a testAPI) createOrganization(r *http.Request) (int, any, error) {
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
	org, token, err := a.server.Directory.CreateOrganization(r.Context(), directory.NewOrganization{
		Slug: in.Slug, Name: in.Name, MemberModel: !in.WithoutMembers, EmailChange: true,
	})
	if err != nil {
		return 0, nil, invalid(server.PlainError(err))
	}
	return http.StatusCreated, map[string]string{
		"organization_id": org.ID.String(), "organization_slug": org.Slug, "access_token": token.Reveal(),
	}, nil
}
