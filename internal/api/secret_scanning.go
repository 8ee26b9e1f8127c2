package api

import (
	"net/http"

	"github.com/postern-go/postern/internal/body"
)

// finding is the answer to GitHub about one token. It is not part of package polar, because clients do not use it.
type finding struct {
	TokenRaw  string `json:"token_raw"`
	TokenType string `json:"token_type"`
	Label     string `json:"label"`
}

// scanSecrets handles POST /v1/integrations/github/secret-scanning: GitHub reports tokens that it has found in public
// repositories. The prefix of a token tells its type; the type in the report is only copied to the answer.
func (a *api) scanSecrets(c *call) error {
	identifier, wrong := body.ReadGitHubHeader("github-public-key-identifier", c.Request.Header["Github-Public-Key-Identifier"])
	signature, err := body.ReadGitHubHeader("github-public-key-signature", c.Request.Header["Github-Public-Key-Signature"])
	if err := body.Join(wrong, err); err != nil {
		return err
	}
	if err := a.GitHub.Verify(c.Context(), identifier, signature, c.raw); err != nil {
		return err
	}
	leaked, err := body.ReadLeakedTokens(string(c.raw))
	if err != nil {
		return err
	}
	answers := make([]finding, len(leaked))
	for i, l := range leaked {
		known, err := a.Leaks.End(c.Context(), l.Token)
		if err != nil {
			return err // GitHub repeats the report after an error; tokens that have ended stay ended
		}
		answers[i] = finding{l.Token, l.Type, "false_positive"}
		if known {
			answers[i].Label = "true_positive"
			a.Log.Warn("revoked leaked token", "type", l.Type, "request_id", c.RequestID())
		}
	}
	return c.answer(http.StatusOK, answers)
}
