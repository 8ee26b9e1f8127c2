package server

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/directory"
	"github.com/postern-go/postern/internal/store"
)

// AuditLog reads the audit log of a store, also while servers run on it. It needs no secrets.
type AuditLog struct {
	*audit.Service
	store *store.Store
}

// OpenAuditLog opens the audit log of the store of a configuration. It returns [ErrNoStore] if the data directory has no store.
func OpenAuditLog(ctx context.Context, c Config) (*AuditLog, error) {
	var s *store.Store
	var err error
	switch {
	case (c.DataDir == "") == (c.DatabaseURL == ""):
		return nil, errBackend
	case c.DatabaseURL != "":
		s, err = store.OpenPostgres(ctx, c.DatabaseURL)
	default:
		if err = hasStore(c.DataDir); err == nil {
			s, err = store.ReadSQLite(c.DataDir)
		}
	}
	if err != nil {
		return nil, err
	}
	return &AuditLog{audit.New(s, time.Now, audit.Options{}), s}, nil
}

// Organization returns the organization with the slug. It returns an error if there is none.
func (l *AuditLog) Organization(ctx context.Context, slug string) (directory.Organization, error) {
	o, found, err := l.store.OrganizationBySlug(ctx, slug)
	if err == nil && !found {
		err = fmt.Errorf("no organization with slug %q", slug)
	}
	return o, err
}

// Close closes the store.
func (l *AuditLog) Close() error { return l.store.Close() }

// auditOptions returns the options of the audit log. A retention of 0 means the default, and a negative one keeps all entries.
func (c *Config) auditOptions() (audit.Options, error) {
	switch {
	case c.AuditRetention == 0:
		return audit.Options{Retention: audit.DefaultRetention}, nil
	case c.AuditRetention < 0:
		return audit.Options{}, nil
	case c.AuditRetention < audit.MinRetention:
		return audit.Options{}, fmt.Errorf("the retention of the audit log must be at least %dh, or 0 to keep all entries", audit.MinRetention/time.Hour)
	}
	return audit.Options{Retention: c.AuditRetention}, nil
}
