package postern

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
	"github.com/postern-go/postern/internal/token"
)

// secretFile lies beside the store, and lists its secrets: one a line, the first of them signs.
const secretFile = "secret"

// readSecrets refuses a missing file: a new secret would end every session and every access token there is.
func readSecrets(dir string) (*token.Secrets, error) {
	_, secrets, err := secretTexts(dir)
	return secrets, err
}

func secretTexts(dir string) ([]string, *token.Secrets, error) {
	path := filepath.Join(dir, secretFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("the store has lost its secret, the file %s: bring it back from a backup, because no token can be checked without it", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("the secret cannot be read: %w", err)
	}
	texts := strings.Fields(string(text))
	secrets, err := token.NewSecrets(texts...)
	if err != nil {
		return nil, nil, fmt.Errorf("the file %s is damaged: %w", path, err)
	}
	return texts, secrets, nil
}

// databaseSecrets are those of a store that has no directory.
func databaseSecrets(texts []string) (*token.Secrets, error) {
	const hint = "openssl rand -hex 32 makes a good one"
	if len(texts) == 0 {
		return nil, errors.New("a database needs secrets, the same on every node: set POSTERN_SECRETS to one, or to several with commas between them; " + hint)
	}
	secrets, err := token.NewSecrets(texts...)
	if err != nil {
		return nil, fmt.Errorf("POSTERN_SECRETS cannot be used: %w; %s", err, hint)
	}
	return secrets, nil
}

// makeSecret makes the file in one step, so that a crash leaves a whole secret or none, and leaves alone one that is there.
func makeSecret(dir string) error {
	draft, err := os.CreateTemp(dir, secretFile+"-*") // mode 0600
	if err != nil {
		return fmt.Errorf("the secret cannot be written: %w", err)
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(token.NewSecret() + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Link(draft.Name(), filepath.Join(dir, secretFile))
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("the secret cannot be written: %w", err)
	}
	return nil
}

// changeSecrets lets f change the list of a directory's secrets, one caller at a time. The file is replaced in one step and on
// disk when it returns: whoever reads it finds the old list or the new one, and so does a machine that has lost its power.
func changeSecrets(dir string, f func(texts []string) ([]string, error)) error {
	lock := flock.New(filepath.Join(dir, secretFile+".lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("the secret cannot be locked: %w", err)
	}
	defer lock.Unlock()
	texts, _, err := secretTexts(dir)
	if err != nil {
		return err
	}
	if texts, err = f(texts); err != nil {
		return err
	}
	if err := replace(filepath.Join(dir, secretFile), strings.Join(texts, "\n")+"\n"); err != nil {
		return fmt.Errorf("the secret cannot be written: %w", err)
	}
	return nil
}

// replace writes a file of mode 0600. The draft has one name, so that a crash leaves one behind at most, until the next time.
func replace(path, text string) error {
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
