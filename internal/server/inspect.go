package server

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-go/postern/internal/mail"
	"github.com/postern-go/postern/internal/store"
	"github.com/postern-go/postern/internal/token"
)

// Check returns the error with which [Open] would refuse the configuration before it opens the store.
func (c Config) Check() error {
	_, err := c.complete()
	return err
}

// CheckMail connects to the mail server of the configuration and logs in, without sending a mail. at names the server, without its
// password, and encrypted reports whether mails would be sent over TLS.
func (c Config) CheckMail(ctx context.Context) (at string, encrypted bool, err error) {
	a, err := c.complete()
	if err != nil {
		return "", false, err
	}
	smtp, ok := a.sender.(*mail.SMTP)
	if !ok {
		return "", false, errors.New("the configuration has no mail server")
	}
	encrypted, err = smtp.Check(ctx, a.from)
	return smtp.String(), encrypted, err
}

// Inspection is the state of a store, for operators.
type Inspection struct {
	store.Inspection
	// Missing are secrets on which stored tokens depend although the configuration does not have them.
	Missing []Secret
}

// Inspect inspects the store of a configuration without changing it, also while servers run on it.
func Inspect(ctx context.Context, c Config) (i Inspection, err error) {
	var secrets *token.Secrets
	switch {
	case (c.DataDir == "") == (c.DatabaseURL == ""):
		return i, errBackend
	case c.DatabaseURL != "":
		if secrets, err = databaseSecrets(c.Secrets); err == nil {
			i.Inspection, err = store.InspectPostgres(ctx, c.DatabaseURL, time.Now)
		}
	default:
		if err = hasStore(c.DataDir); err != nil {
			return i, err
		}
		if secrets, err = readSecrets(c.DataDir); err == nil {
			i.Inspection, err = store.InspectSQLite(ctx, c.DataDir, time.Now())
		}
	}
	if err != nil {
		return i, err
	}
	for id, use := range i.Secrets {
		if !slices.Contains(secrets.IDs(), id) {
			i.Missing = append(i.Missing, Secret{ID: id.String(), Missing: true, Sessions: use.Sessions, AccessTokens: use.AccessTokens})
		}
	}
	return i, nil
}
