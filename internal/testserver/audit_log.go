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
	var text strings.Builder
	if err := log.Export(ctx, audit.Query{}, func(e *audit.Entry) error {
		line, err := e.Line()
		text.Write(line)
		return err
	}); err != nil {
		s.T.Errorf("export the audit log: %v", err)
	}
	s.CheckNoSecrets("the audit log", text.String())
}
