package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/polar"
)

// grantable lists the scopes that an access token can have.
var grantable = func() []string {
	var texts []string
	for _, scope := range directory.AllScopes() {
		texts = append(texts, string(scope))
	}
	return texts
}()

// listAccessTokens handles GET /v1/organization-access-tokens/.
func (a *api) listAccessTokens(c *call) error {
	in, err := body.ReadAccessTokenList(c.query())
	if err != nil {
		return err
	}
	if !c.own(in.OrganizationIDs) {
		return answerList(c, nil, 0, in.Paging, wireAccessToken)
	}
	q := directory.AccessTokenQuery{Organization: c.subject.organization.ID.Key(), Page: directoryPage(in.Paging)}
	for _, s := range sorts(in.Sorting) {
		if s.By != "organization_id" { // all tokens of the list belong to one organization
			q.Sort = append(q.Sort, s)
		}
	}
	tokens, total, err := a.Directory.AccessTokens(c.Context(), q)
	if err != nil {
		return err
	}
	return answerList(c, tokens, total, in.Paging, wireAccessToken)
}

// createAccessToken handles POST /v1/organization-access-tokens/.
func (a *api) createAccessToken(c *call) error {
	in, wrong := body.ReadOrganizationAccessTokenCreate(c.body, grantable)
	m, err := create(a, c, wireNewAccessToken)
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	if err := noOrganization(in.OrganizationID); err != nil {
		return err
	}
	made, secret, err := a.Directory.CreateAccessToken(c.Context(), c.subject.organization, c.authority(),
		directory.NewAccessToken{Scopes: scopesOfTexts(in.Scopes), Comment: in.Comment, ExpiresIn: in.ExpiresIn, Once: m.once})
	return m.answer(directory.NewlyIssued{AccessToken: made, Token: secret}, err)
}

// updateAccessToken handles PATCH /v1/organization-access-tokens/{id}.
func (a *api) updateAccessToken(c *call) error {
	in, wrong := body.ReadOrganizationAccessTokenUpdate(c.body, grantable)
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	change := directory.AccessTokenChange{Comment: in.Comment.Value}
	if in.Scopes.Value != nil {
		change.Scopes = scopesOfTexts(*in.Scopes.Value)
	}
	changed, err := a.Directory.ChangeAccessToken(c.Context(), c.subject.organization, c.authority(), id, change)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, wireAccessToken(changed))
}

// deleteAccessToken handles DELETE /v1/organization-access-tokens/{id}.
func (a *api) deleteAccessToken(c *call) error {
	in, wrong := body.ReadOrganizationAccessTokenDelete(c.query())
	id, err := body.PathUUID("id", c.Param("id"))
	if err := body.Join(err, wrong); err != nil {
		return err
	}
	if err := a.Directory.RevokeAccessToken(c.Context(), c.subject.organization, c.authority(), id, in.EndSessions); err != nil {
		return err
	}
	return c.noContent()
}

// rotateAccessToken handles POST /v1/organization-access-tokens/{id}/rotate.
func (a *api) rotateAccessToken(c *call) error {
	in, wrong := body.ReadOrganizationAccessTokenRotate(c.body)
	m, err := create(a, c, wireNewAccessToken)
	id, invalid := body.PathUUID("id", c.Param("id"))
	if err := body.Join(invalid, body.Join(err, wrong)); err != nil {
		return err
	}
	r := directory.Rotation{Overlap: orDefault(in.Overlap, directory.DefaultOverlap), ExpiresIn: in.ExpiresIn, Once: m.once}
	made, secret, err := a.Directory.RotateAccessToken(c.Context(), c.subject.organization, c.authority(), id, r)
	return m.answer(directory.NewlyIssued{AccessToken: made, Token: secret}, err)
}

// authority returns the caller's access token as the authority for changes of access tokens.
func (c *call) authority() directory.Authority { return directory.OfToken(c.subject.accessToken) }

func scopesOfTexts(texts []string) []directory.Scope {
	scopes := make([]directory.Scope, len(texts))
	for i, text := range texts {
		scopes[i] = directory.Scope(text)
	}
	return scopes
}

func wireNewAccessToken(made directory.NewlyIssued) polar.OrganizationAccessTokenCreated {
	return polar.OrganizationAccessTokenCreated{OrganizationAccessToken: wireAccessToken(made.AccessToken), Token: made.Token.Reveal()}
}
