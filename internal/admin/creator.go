package admin

import (
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/token"
)

// tokensKnown is how many access tokens are known by name.
const tokensKnown = 500

// creator is who has made a session: its holder, or an access token, by name where the operator may know it.
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
			Organization: n.r.org.ID.Key(), Sort: []directory.Sort{{By: "created_at", Descending: true}}, Page: directory.Page{Number: 1, Limit: tokensKnown},
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

// tokenName is what people call an access token.
func tokenName(t directory.AccessToken) string {
	if t.Comment != "" {
		return t.Comment
	}
	return t.ID.String()
}
