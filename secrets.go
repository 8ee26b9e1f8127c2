package postern

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-go/postern/internal/token"
)

// secretFile lies beside the store, and lists its secrets: one a line, the first of them signs.
const secretFile = "secret"

// readSecrets refuses a missing file: a new secret would end every session and every access token there is.
func readSecrets(dir string) (*token.Secrets, error) {
	path := filepath.Join(dir, secretFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the store has lost its secret, the file %s: bring it back from a backup, because no token can be checked without it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("the secret cannot be read: %w", err)
	}
	secrets, err := token.NewSecrets(strings.Fields(string(text))...)
	if err != nil {
		return nil, fmt.Errorf("the file %s is damaged: %w", path, err)
	}
	return secrets, nil
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
