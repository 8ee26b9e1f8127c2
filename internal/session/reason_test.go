package session_test

import (
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/session"
)

func TestInspectionStatusesAreDocumentedInTheClient(t *testing.T) {
	text, err := os.ReadFile("../../polar/customer_session_info.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range session.Reasons() {
		if reason.Inspection() != "" && !strings.Contains(string(text), `"`+string(reason)+`"`) {
			t.Errorf("polar/customer_session_info.go: add %q to the comment of CustomerSessionInspection.Status", reason)
		}
	}
}
