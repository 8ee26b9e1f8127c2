package postern

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

// Secret is one of the keys of the HMACs that are stored instead of tokens, by its name and without its text.
type Secret struct {
	// ID names the secret: eight hexadecimal digits that follow from it.
	ID string
	// Signs is whether new tokens are hashed with it; the first secret does.
	Signs bool
	// Missing is a secret that is not active, although the store holds what was hashed with it: that can't be checked.
	Missing bool
	// Sessions and AccessTokens are how many live ones are hashed with it.
	Sessions, AccessTokens int
}

// Secrets returns the active secrets, the one that signs first, and behind them those that are missing. It works beside a
// server that has the data directory open.
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

// RotateSecret puts a new secret before those of a data directory, which all stay active, so that nobody is logged out. A
// server that has the directory open goes on with the secrets that it knows until it is started again.
func RotateSecret(dir string) (Secret, error) {
	if !store.HasSQLite(dir) {
		return Secret{}, fmt.Errorf("%w %s", ErrNoStore, dir)
	}
	var made Secret
	err := changeSecrets(dir, func(texts []string) ([]string, error) {
		text := token.NewSecret()
		secrets, err := token.NewSecrets(append([]string{text}, texts...)...)
		if err != nil {
			return nil, err
		}
		made = Secret{ID: secrets.IDs()[0].String(), Signs: true}
		return append([]string{text}, texts...), nil
	})
	return made, err
}

// SecretInUse is the refusal of [RetireSecret] while live sessions or access tokens depend on the secret.
type SecretInUse struct{ Secret Secret }

func (e *SecretInUse) Error() string {
	return fmt.Sprintf("%d live sessions and %d access tokens depend on the secret %s", e.Secret.Sessions, e.Secret.AccessTokens, e.Secret.ID)
}

// RetireSecret ends what depends on the secret of that name, its sessions with the reason "secret_retired", and takes it out
// of the file beside the store. Secrets of a database are taken out of its configuration by whoever runs it. It returns the
// secret as it was; a [*SecretInUse], when something depends on it and force is false; and an error for an unknown name and
// for the secret that signs. When it was interrupted, it can be called again.
// Login codes, email changes and tickets that are under way with the secret have to be asked for again.
func RetireSecret(ctx context.Context, c Config, id string, force bool) (retired Secret, err error) {
	name, ok := token.ParseSecretID(id)
	if !ok {
		return retired, errors.New("the name of a secret has eight hexadecimal digits, as postern secret list shows it")
	}
	s, secrets, err := c.open(ctx)
	if err != nil {
		return retired, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	switch i := slices.Index(secrets.IDs(), name); {
	case i < 0:
		return retired, fmt.Errorf("there is no secret %s", name)
	case i == 0:
		return retired, fmt.Errorf("the secret %s signs new tokens: rotate first", name)
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
		return retired, &SecretInUse{retired}
	}
	if _, err := s.RetireSecret(ctx, name, session.SecretRetired, now); err != nil || c.DataDir == "" {
		return retired, err
	}
	return retired, changeSecrets(c.DataDir, func(texts []string) ([]string, error) { return WithoutSecret(texts, id) })
}

// WithoutSecret returns the texts of secrets without the one of that name, and an error for a text that is no secret.
func WithoutSecret(texts []string, id string) ([]string, error) {
	var kept []string
	for _, text := range texts {
		one, err := token.NewSecrets(text)
		if err != nil {
			return nil, err
		}
		if one.IDs()[0].String() != id {
			kept = append(kept, text)
		}
	}
	return kept, nil
}
