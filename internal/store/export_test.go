package store

import (
	"context"

	"github.com/postern-go/postern/internal/audit"
)

// RecordAuditIn records an event in an open transaction.
func (s *Store) RecordAuditIn(ctx context.Context, tx *Tx, e audit.Event) error {
	return s.audit(ctx, tx, e)
}
