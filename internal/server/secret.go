package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/session"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

// ErrSecretInUse means that live sessions or access tokens depend on a secret.
var ErrSecretInUse = errors.New("secret is in use")

// Secret describes a secret without its text. postern.Secret has the same fields.
type Secret struct {
	ID                     string
	Signs, Missing         bool
	Sessions, AccessTokens int
}

// Secrets returns the active secrets, the signing secret first, followed by missing secrets on which stored tokens depend. It
// also works while another process has opened the data directory.
func Secrets(ctx context.Context, c Config) ([]Secret, error) {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	s, secrets, err := c.open(ctx)
	var uses map[token.SecretID]store.SecretUse
	switch {
	case err == nil:
		uses, err = s.SecretUses(ctx, now())
		err = errors.Join(err, s.Close())
	case errors.Is(err, ErrInUse):
		if secrets, err = readSecrets(c.DataDir); err == nil {
			uses, err = store.SQLiteSecretUses(ctx, c.DataDir, now())
		}
	}
	if err != nil {
		return nil, err
	}
	ids := secrets.IDs()
	list := make([]Secret, len(ids))
	for i, id := range ids {
		list[i] = Secret{ID: id.String(), Signs: i == 0, Sessions: uses[id].Sessions, AccessTokens: uses[id].AccessTokens}
	}
	for id, use := range uses {
		if !slices.Contains(ids, id) {
			list = append(list, Secret{ID: id.String(), Missing: true, Sessions: use.Sessions, AccessTokens: use.AccessTokens})
		}
	}
	return list, nil
}

// RotateSecret adds a new secret in front of the secrets of a data directory. The other secrets stay active, so that no session
// ends. A running server uses the new secret after a restart.
func RotateSecret(dir string) (Secret, error) {
	if err := hasStore(dir); err != nil {
		return Secret{}, err
	}
	var added Secret
	err := changeSecrets(dir, func(texts []string) ([]string, error) {
		texts = append([]string{token.NewSecret()}, texts...)
		secrets, err := token.NewSecrets(texts...)
		if err != nil {
			return nil, err
		}
		added = Secret{ID: secrets.IDs()[0].String(), Signs: true}
		return texts, nil
	})
	return added, err
}

// RetireSecret ends the sessions and access tokens that depend on the secret with the ID. For a data directory, it also removes
// the secret from the secret file. For a database, the operator removes the secret from the configuration. RetireSecret returns
// the secret with the numbers of sessions and access tokens that depended on it. If there are any and force is false, it
// changes nothing and returns [ErrSecretInUse]. After an interruption, RetireSecret can be called again.
func RetireSecret(ctx context.Context, c Config, id string, force bool) (retired Secret, err error) {
	name, ok := token.ParseSecretID(id)
	if !ok {
		return retired, fmt.Errorf("invalid secret ID %q: an ID has eight hexadecimal digits; postern secret list shows them", id)
	}
	s, secrets, err := c.open(ctx)
	if err != nil {
		return retired, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	switch i := slices.Index(secrets.IDs(), name); {
	case i < 0:
		return retired, fmt.Errorf("no secret has the ID %s; postern secret list shows the IDs", name)
	case i == 0:
		return retired, fmt.Errorf("secret %s signs new tokens: rotate the secrets before you retire it", name)
	}
	now := time.Now().UTC()
	if c.Now != nil {
		now = c.Now().UTC()
	}
	now = now.Truncate(time.Microsecond)
	uses, err := s.SecretUses(ctx, now)
	if err != nil {
		return retired, err
	}
	retired = Secret{ID: name.String(), Sessions: uses[name].Sessions, AccessTokens: uses[name].AccessTokens}
	if !force && uses[name] != (store.SecretUse{}) {
		return retired, fmt.Errorf("%w: %d live sessions and %d access tokens depend on %s", ErrSecretInUse, retired.Sessions, retired.AccessTokens, name)
	}
	if _, err := s.RetireSecret(ctx, name, session.SecretRetired, now); err != nil || c.DataDir == "" {
		return retired, err
	}
	return retired, changeSecrets(c.DataDir, func(texts []string) ([]string, error) { return RemoveSecret(texts, id) })
}

// SecretID returns the ID of a secret. It returns an error if the text is not a secret.
func SecretID(text string) (string, error) {
	secrets, err := token.NewSecrets(text)
	if err != nil {
		return "", err
	}
	return secrets.IDs()[0].String(), nil
}

// RemoveSecret returns the texts of all secrets except for the secret with the ID. It returns an error if a text is not a
// secret.
func RemoveSecret(texts []string, id string) ([]string, error) {
	var remaining []string
	for _, text := range texts {
		found, err := SecretID(text)
		if err != nil {
			return nil, err
		}
		if found != id {
			remaining = append(remaining, text)
		}
	}
	return remaining, nil
}
