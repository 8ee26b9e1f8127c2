package store_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/store"
)

// A store of an unknown schema version is refused each time, and the error says what to do.
func TestUnknownSchemaVersionIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name    string
		version int
		want    []string
	}{
		{"newer binary", 1000, []string{"open store", "database is newer than this binary (schema 1000, want ≤ ", "upgrade postern"}},
		{"development version", 6, []string{"open store", "development version before 0.1.0 (schema 6)", "create a new one with postern init"}},
		{"first development version", 1, []string{"(schema 1)"}},
		{"last development version", 9, []string{"(schema 9)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onBothLocations(t, func(t *testing.T, open func() (*store.Store, error)) {
				s, err := open()
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Write(t.Context(), func(tx *store.Tx) error {
					return tx.Exec(t.Context(), `UPDATE schema_version SET version = $1`, tt.version)
				}); err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				for range 2 {
					s, err := open()
					if err == nil {
						s.Close()
						t.Fatal("the store was opened")
					}
					for _, want := range append(tt.want, "schema") {
						if !strings.Contains(err.Error(), want) {
							t.Errorf("the error is %q, want %q in it", err, want)
						}
					}
					if strings.Contains(err.Error(), "postern migrate") || strings.Contains(err.Error(), "does not answer") {
						t.Errorf("the error %q names a remedy that cannot help", err)
					}
				}
			})
		})
	}
}
