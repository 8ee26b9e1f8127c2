package testserver

import (
	"context"
	"strings"

	"github.com/postern-go/postern/internal/audit"
	"github.com/postern-go/postern/internal/server"
)

// checkAuditLog fails the test if the audit log of the closed server is damaged or contains a registered secret. It reads the log as
// postern audit does.
func (s *Server) checkAuditLog() {
	s.T.Helper()
	ctx := context.Background() // the test's context has ended
	log, err := server.OpenAuditLog(ctx, s.Config)
	if err != nil {
		s.T.Errorf("open the audit log: %v", err)
		return
	}
	defer log.Close()
	if _, err := log.Verify(ctx, nil); err != nil {
		s.T.Error(err)
	}
	s.CheckNoSecrets("the audit log", s.auditLines(ctx, log))
}

// AuditLines returns the audit log of all organizations as JSON lines, the oldest entry first.
func (s *Server) AuditLines() string {
	s.T.Helper()
	log, err := server.OpenAuditLog(s.T.Context(), s.Config)
	if err != nil {
		s.T.Fatalf("open the audit log: %v", err)
	}
	defer log.Close()
	return s.auditLines(s.T.Context(), log)
}

func (s *Server) auditLines(ctx context.Context, log *server.AuditLog) string {
	s.T.Helper()
	var text strings.Builder
	if err := log.Export(ctx, audit.Query{}, func(e *audit.Entry) error {
		line, err := e.Line()
		text.Write(append(line, '\n'))
		return err
	}); err != nil {
		s.T.Errorf("export the audit log: %v", err)
	}
	return text.String()
}
