package session_test

import (
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/session"
)

func TestInspectionStatusesAreDocumentedInTheClient(t *testing.T) {
	text, err := os.ReadFile("../../polar/value.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range session.Reasons() {
		if reason.Inspection() != "" && !strings.Contains(string(text), `"`+string(reason)+`"`) {
			t.Errorf("polar/value.go: add %q to the constants of TokenStatus", reason)
		}
	}
}
