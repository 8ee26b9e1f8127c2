package admin

import (
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// maxNamedTokens is the number of access tokens whose names are loaded to show who created a session.
const maxNamedTokens = 500

// creator describes who created a session: its holder by logging in, or an access token. Without the scope to read access tokens,
// operators see the access token's ID instead of its name.
func (n *names) creator(e session.Entry) (string, error) {
	switch {
	case e.Creator == 0:
		return "Login by email", nil
	case e.Creator == n.r.operator.ID.Key():
		return tokenName(n.r.operator), nil
	case !n.r.may(accessTokensRead):
		return e.CreatorID.String(), nil
	}
	if n.tokens == nil {
		n.tokens = map[token.Key]string{}
		all, _, err := n.r.Directory.AccessTokens(n.r.Context(), directory.AccessTokenQuery{
			Organization: n.r.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: 1, Limit: maxNamedTokens},
		})
		if err != nil {
			return "", err
		}
		for _, t := range all {
			n.tokens[t.ID.Key()] = tokenName(t)
		}
	}
	if name, found := n.tokens[e.Creator]; found {
		return name, nil
	}
	return e.CreatorID.String(), nil
}

// tokenName returns the comment of an access token, or its ID if it has no comment.
func tokenName(t directory.AccessToken) string {
	if t.Comment != "" {
		return t.Comment
	}
	return t.ID.String()
}
