package polar

// SecretScanningResult says of a token that GitHub has found whether it is, or was, one that opens something (POST
// /v1/integrations/github/secret-scanning).
type SecretScanningResult struct {
	TokenRaw  string `json:"token_raw"`
	TokenType string `json:"token_type"`
	// Label is "true_positive" or "false_positive".
	Label string `json:"label"`
}
