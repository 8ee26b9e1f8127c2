package postern

import (
	"context"

	"github.com/postern-go/postern/internal/server"
)

// Secret describes one of the HMAC keys with which tokens are hashed before they are stored. It does not contain the key.
type Secret struct {
	// ID identifies the secret. It consists of eight hexadecimal digits that are computed from the key.
	ID string
	// Signs reports whether new tokens are hashed with the secret. That is the first secret.
	Signs bool
	// Missing reports that the secret is not configured although tokens in the store depend on it. They cannot be verified.
	Missing bool
	// Sessions and AccessTokens count the live ones that depend on the secret.
	Sessions, AccessTokens int
}

// Secrets returns the configured secrets, the signing one first, and then the missing ones. It also works while another process
// has opened the data directory.
func Secrets(ctx context.Context, c Config) ([]Secret, error) {
	secrets, err := server.Secrets(ctx, c.server())
	list := make([]Secret, len(secrets))
	for i, s := range secrets {
		list[i] = Secret(s)
	}
	return list, err
}

// RotateSecret adds a new signing secret to a data directory. The other secrets still verify, so no session ends. A running
// server uses the new secret after a restart.
func RotateSecret(dir string) (Secret, error) {
	s, err := server.RotateSecret(dir)
	return Secret(s), err
}

// RetireSecret ends the sessions and access tokens that depend on the secret with the ID, and removes the secret from the secret
// file of a data directory. With a database, remove it from [Config.Secrets] yourself. RetireSecret returns the secret with its
// former counts. It fails if the ID is unknown, if the secret signs new tokens, and, with [ErrSecretInUse], if live sessions or
// access tokens depend on the secret and force is false. After an interruption it can be repeated.
//
// The end reason of the sessions is "secret_retired". Login codes, email changes and one-time links that were issued with the
// secret become invalid.
func RetireSecret(ctx context.Context, c Config, id string, force bool) (Secret, error) {
	s, err := server.RetireSecret(ctx, c.server(), id, force)
	return Secret(s), err
}
