package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
)

// finding is what GitHub hears of a token. No client does: so it is here, and not among the wire types of polar.
type finding struct {
	TokenRaw  string `json:"token_raw"`
	TokenType string `json:"token_type"`
	Label     string `json:"label"`
}

// scanSecrets is POST /v1/integrations/github/secret-scanning: tokens that GitHub has found where everybody can read them.
// What they are, they say themselves; what GitHub takes them for is only repeated.
func (a *api) scanSecrets(c *call) error {
	identifier, wrong := body.ReadGitHubHeader("github-public-key-identifier", c.Request.Header["Github-Public-Key-Identifier"])
	signature, err := body.ReadGitHubHeader("github-public-key-signature", c.Request.Header["Github-Public-Key-Signature"])
	if err := body.Join(wrong, err); err != nil {
		return err
	}
	if err := a.GitHub.Verify(c.Context(), identifier, signature, []byte(c.bodyText)); err != nil {
		return err
	}
	leaked, err := body.ReadLeakedTokens(c.bodyText)
	if err != nil {
		return err
	}
	answers := make([]finding, len(leaked))
	for i, l := range leaked {
		known, err := a.Leaks.End(c.Context(), l.Token)
		if err != nil {
			return err // the report comes again, and what has ended stays so
		}
		answers[i] = finding{l.Token, l.Type, "false_positive"}
		if known {
			answers[i].Label = "true_positive"
			a.Log.Warn("a token has leaked, and was ended", "type", l.Type)
		}
	}
	return c.answer(http.StatusOK, answers)
}
