package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/postern-go/postern/internal/token"
)

// secretFile is the name of the file in a data directory that lists its secrets, one per line. The first secret signs new
// tokens.
const secretFile = "secret"

// readSecrets reads the secret file. It returns an error if the file is missing, and does not create a new secret, because a
// new secret would end every session and access token.
func readSecrets(dir string) (*token.Secrets, error) {
	_, secrets, err := secretTexts(dir)
	return secrets, err
}

func secretTexts(dir string) ([]string, *token.Secrets, error) {
	path := filepath.Join(dir, secretFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("secret file %s is missing: restore it from a backup, because no token can be verified without it", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read secret file: %w", err)
	}
	texts := strings.Fields(string(text))
	secrets, err := token.NewSecrets(texts...)
	if err != nil {
		return nil, nil, fmt.Errorf("secret file %s is damaged: %w", path, err)
	}
	return texts, secrets, nil
}

// databaseSecrets parses the secrets of a server that uses a database.
func databaseSecrets(texts []string) (*token.Secrets, error) {
	const hint = "openssl rand -hex 32 generates a secret"
	if len(texts) == 0 {
		return nil, errors.New("a database requires the same secrets on every server: set POSTERN_SECRETS to one secret, or to several separated by commas; " + hint)
	}
	secrets, err := token.NewSecrets(texts...)
	if err != nil {
		return nil, fmt.Errorf("invalid POSTERN_SECRETS: %w; %s", err, hint)
	}
	return secrets, nil
}

// createSecret creates the secret file with one new secret, unless the file exists. The file appears in one step, so that a
// crash never leaves an incomplete file.
func createSecret(dir string) error {
	draft, err := os.CreateTemp(dir, secretFile+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("create secret file: %w", err)
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(token.NewSecret() + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Link(draft.Name(), filepath.Join(dir, secretFile))
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("create secret file: %w", err)
	}
	return nil
}

// changeSecrets replaces the list of secrets of a data directory with the result of f. A lock file excludes other processes.
// The new file is on disk when changeSecrets returns. Other processes read either the old list or the new list, even after a
// crash of the machine.
func changeSecrets(dir string, f func(texts []string) ([]string, error)) error {
	lock := flock.New(filepath.Join(dir, secretFile+".lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("lock secret file: %w", err)
	}
	defer lock.Unlock()
	texts, _, err := secretTexts(dir)
	if err != nil {
		return err
	}
	if texts, err = f(texts); err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, secretFile), strings.Join(texts, "\n")+"\n"); err != nil {
		return fmt.Errorf("replace secret file: %w", err)
	}
	return nil
}

// replaceFile writes a file with mode 0600 in one step. The temporary file always has the same name, so that repeated crashes
// leave at most one behind.
func replaceFile(path, text string) error {
	draft, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = draft.WriteString(text)
	if err = errors.Join(err, draft.Chmod(0o600), draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
