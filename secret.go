package postern

import (
	"context"

	"github.com/postern-go/postern/internal/server"
)

// Secret describes one of the HMAC keys with which tokens are hashed before they are stored. It does not contain the key.
type Secret struct {
	// ID identifies the secret. It consists of eight hexadecimal digits that are computed from the key.
	ID string
	// Signs reports whether new tokens are hashed with the secret. This is true for the first secret only.
	Signs bool
	// Missing reports whether tokens in the store depend on the secret although it is not configured. These tokens cannot be
	// verified.
	Missing bool
	// Sessions and AccessTokens are the numbers of live sessions and access tokens that depend on the secret.
	Sessions, AccessTokens int
}

// Secrets returns the configured secrets, with the signing secret first, followed by the missing secrets. It also works while
// another process has opened the data directory.
func Secrets(ctx context.Context, c Config) ([]Secret, error) {
	secrets, err := server.Secrets(ctx, c.server())
	list := make([]Secret, len(secrets))
	for i, s := range secrets {
		list[i] = Secret(s)
	}
	return list, err
}

// RotateSecret adds a new signing secret to a data directory. The other secrets still verify tokens, so no session ends. A running
// server uses the new secret after a restart.
func RotateSecret(dir string) (Secret, error) {
	s, err := server.RotateSecret(dir)
	return Secret(s), err
}

// RetireSecret ends the sessions and access tokens that depend on the secret with the ID. For a data directory, it also removes
// the secret from the secret file. For a database, remove the secret from [Config.Secrets] yourself. RetireSecret returns the
// secret with the numbers of sessions and access tokens that depended on it.
//
// RetireSecret returns an error if the ID is unknown, if the secret signs new tokens, and, with [ErrSecretInUse], if live
// sessions or access tokens depend on the secret and force is false. After an interruption, RetireSecret can be called again.
//
// The end reason of the sessions is "secret_retired". Login codes, email changes and one-time links that were issued with the
// secret become invalid.
func RetireSecret(ctx context.Context, c Config, id string, force bool) (Secret, error) {
	s, err := server.RetireSecret(ctx, c.server(), id, force)
	return Secret(s), err
}
